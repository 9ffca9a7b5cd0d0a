import NIOCore

extension UInt8 {
    /// A to Z become a to z. Everything else stays.
    package var lowercasedASCII: UInt8 { 0x41...0x5a ~= self ? self | 0x20 : self }

    /// 0…15 of a hexadecimal digit.
    package var hexValue: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x41 + 10
        case 0x61...0x66: self - 0x61 + 10
        default: nil
        }
    }

    package var isASCIIDigit: Bool { 0x30...0x39 ~= self }
}

extension String {
    package var lowercasedASCII: [UInt8] { utf8.map(\.lowercasedASCII) }
}

extension [UInt8] {
    package var lowercasedASCII: [UInt8] { map(\.lowercasedASCII) }

    /// - Parameter needle: in lower case. An empty needle is always found.
    package func contains(ignoringCase needle: [UInt8]) -> Bool {
        offset(ofIgnoringCase: needle) != nil
    }

    /// The offset at which `needle` begins, ignoring the case of ASCII letters.
    /// - Parameter needle: in lower case.
    package func offset(ofIgnoringCase needle: [UInt8], from start: Int = 0) -> Int? {
        guard let first = needle.first else { return start }
        guard start >= 0, count - start >= needle.count else { return nil }
        return withUnsafeBufferPointer { bytes in
            needle.withUnsafeBufferPointer { needle in
                var offset = start
                let last = bytes.count - needle.count
                while offset <= last {
                    if bytes[offset].lowercasedASCII == first {
                        var length = 1
                        while length < needle.count, bytes[offset + length].lowercasedASCII == needle[length] {
                            length += 1
                        }
                        if length == needle.count { return offset }
                    }
                    offset += 1
                }
                return nil
            }
        }
    }
}

extension [UInt8] {
    /// Appends a number in decimal digits, without making a string.
    /// - Parameter width: the least number of digits. Leading zeros fill it up.
    package mutating func append(decimal number: UInt64, width: Int = 1) {
        let start = count
        var rest = number
        repeat {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0 || count - start < width
        var (low, high) = (start, count - 1)
        while low < high {
            swapAt(low, high)
            low += 1
            high -= 1
        }
    }
}

extension ByteBuffer {
    /// The buffer itself, or a copy of its readable bytes if they are less than half of the memory that it keeps alive.
    ///
    /// Meant for bytes that have to wait, because a slice keeps its whole receive buffer alive. A copy is not copied
    /// again: the capacity of a new buffer is less than twice the bytes that it was made for.
    package func compacted() -> ByteBuffer {
        readableBytes * 2 < storageCapacity ? ByteBuffer(bytes: readableBytesView) : self
    }
}
