extension UInt8 {
    /// A to Z become a to z, everything else stays.
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

    /// - Parameter needle: in lower case; nothing is in everything.
    package func contains(ignoringCase needle: [UInt8]) -> Bool {
        offset(ofIgnoringCase: needle) != nil
    }

    /// Where `needle` begins, A to Z being the same as a to z.
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
