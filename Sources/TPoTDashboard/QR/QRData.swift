/// The codewords of a QR code in drawing order: the bytes, padding and error correction.
struct QRData {
    private struct Capacity {
        /// Data and error correction together.
        var codewords: Int
        /// Error correction codewords of each block.
        var correction: Int
        var blocks: Int

        var data: Int { codewords - correction * blocks }
    }

    /// The capacities of versions 1 to 10 at level L.
    private static let capacities = [
        Capacity(codewords: 26, correction: 7, blocks: 1), Capacity(codewords: 44, correction: 10, blocks: 1),
        Capacity(codewords: 70, correction: 15, blocks: 1), Capacity(codewords: 100, correction: 20, blocks: 1),
        Capacity(codewords: 134, correction: 26, blocks: 1), Capacity(codewords: 172, correction: 18, blocks: 2),
        Capacity(codewords: 196, correction: 20, blocks: 2), Capacity(codewords: 242, correction: 24, blocks: 2),
        Capacity(codewords: 292, correction: 30, blocks: 2), Capacity(codewords: 346, correction: 18, blocks: 4),
    ]

    let version: Int
    let codewords: [UInt8]

    init?(_ bytes: [UInt8]) {
        let index = Self.capacities.indices.first { index in
            // The mode takes 4 bits. The length takes one byte, or two from version 10 on.
            Self.capacities[index].data * 8 >= 4 + (index + 1 < 10 ? 8 : 16) + bytes.count * 8
        }
        guard let index else { return nil }
        version = index + 1
        let capacity = Self.capacities[index]
        codewords = Self.interleaved(Self.data(bytes, version: version, capacity.data), capacity)
    }

    private static func data(_ bytes: [UInt8], version: Int, _ count: Int) -> [UInt8] {
        var bits: [Bool] = []
        func append(_ value: Int, _ length: Int) {
            for index in (0..<length).reversed() { bits.append(value >> index & 1 == 1) }
        }
        append(0b0100, 4)
        append(bytes.count, version < 10 ? 8 : 16)
        for byte in bytes { append(Int(byte), 8) }
        append(0, min(4, count * 8 - bits.count))
        append(0, (8 - bits.count % 8) % 8)
        var data = stride(from: 0, to: bits.count, by: 8).map { start in
            bits[start..<start + 8].reduce(UInt8(0)) { $0 << 1 | ($1 ? 1 : 0) }
        }
        var isFirst = true
        while data.count < count {
            data.append(isFirst ? 0xec : 0x11)
            isFirst.toggle()
        }
        return data
    }

    /// Interleaves the blocks codeword by codeword. The later blocks may be one codeword longer.
    private static func interleaved(_ data: [UInt8], _ capacity: Capacity) -> [UInt8] {
        let short = capacity.data / capacity.blocks
        let longer = capacity.data % capacity.blocks
        var blocks: [ArraySlice<UInt8>] = []
        var start = 0
        for index in 0..<capacity.blocks {
            let length = short + (index >= capacity.blocks - longer ? 1 : 0)
            blocks.append(data[start..<start + length])
            start += length
        }
        let divisor = QRField.divisor(degree: capacity.correction)
        let corrections = blocks.map { QRField.remainder(of: $0, by: divisor) }
        var codewords: [UInt8] = []
        for index in 0...short {
            for block in blocks where index < block.count { codewords.append(block[block.startIndex + index]) }
        }
        for index in 0..<capacity.correction { codewords += corrections.map { $0[index] } }
        return codewords
    }
}

/// Arithmetic in GF(2^8) with the polynomial 0x11d, and Reed-Solomon codes over it.
enum QRField {
    static func product(_ one: UInt8, _ other: UInt8) -> UInt8 {
        var product = 0
        for index in (0..<8).reversed() {
            product = product << 1 ^ (product >> 7) * 0x11d
            product ^= Int(other >> index & 1) * Int(one)
        }
        return UInt8(truncatingIfNeeded: product)
    }

    /// The product of x - 2^i for the first `degree` i, without its leading 1.
    static func divisor(degree: Int) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: degree)
        result[degree - 1] = 1
        var root: UInt8 = 1
        for _ in 0..<degree {
            for index in 0..<degree {
                result[index] = product(result[index], root)
                if index + 1 < degree { result[index] ^= result[index + 1] }
            }
            root = product(root, 2)
        }
        return result
    }

    static func remainder(of data: ArraySlice<UInt8>, by divisor: [UInt8]) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: divisor.count)
        for byte in data {
            let factor = byte ^ result.removeFirst()
            result.append(0)
            for index in divisor.indices { result[index] ^= product(divisor[index], factor) }
        }
        return result
    }
}
