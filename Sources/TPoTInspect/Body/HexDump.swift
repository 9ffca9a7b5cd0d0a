/// Bytes as `hexdump -C` shows them, 16 on a line.
enum HexDump {
    static func count(_ bytes: [UInt8]) -> Int { (bytes.count + 15) / 16 }

    static func line(_ index: Int, of bytes: [UInt8]) -> BodyLine {
        let start = index * 16
        guard index >= 0, start < bytes.count else { return BodyLine([]) }
        let row = bytes[start..<min(start + 16, bytes.count)]
        var hex: [UInt8] = []
        var text: [UInt8] = []
        for place in 0..<16 {
            if place == 8 { hex.append(0x20) }
            if place < row.count {
                let byte = row[start + place]
                hex += [digits[Int(byte >> 4)], digits[Int(byte & 15)], 0x20]
                text.append(0x20...0x7e ~= byte ? byte : UInt8(ascii: "."))
            } else {
                hex += [0x20, 0x20, 0x20]
            }
        }
        let offset = String(start, radix: 16)
        return BodyLine([
            .init(String(repeating: "0", count: max(0, 8 - offset.utf8.count)) + offset + "  ", .offset),
            .init(String(decoding: hex, as: UTF8.self) + " ", .hex),
            .init(String(decoding: text, as: UTF8.self), .text),
        ])
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
