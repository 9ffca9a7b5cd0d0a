extension UInt8 {
    /// A to Z become a to z. Everything else stays.
    package var lowercasedASCII: UInt8 { 0x41...0x5a ~= self ? self | 0x20 : self }

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
