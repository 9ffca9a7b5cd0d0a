/// `application/x-www-form-urlencoded` as names and values (WHATWG URL, 5.1).
enum FormTable {
    /// Fields that are shown.
    static let limit = 10_000

    static func lines(_ bytes: [UInt8]) -> [BodyLine] {
        let pairs = bytes.split(separator: UInt8(ascii: "&"))
        var lines = pairs.prefix(limit).map { pair in
            let name = pair.prefix { $0 != UInt8(ascii: "=") }
            let value = pair.dropFirst(name.count + 1)
            return BodyLine([
                .init(VisibleText.text(decoded(name)), .key),
                .init(" = ", .punctuation),
                .init(VisibleText.text(decoded(value)), .string),
            ])
        }
        if pairs.count > limit { lines.append(BodyLine("\(pairs.count - limit) more", .note)) }
        return lines
    }

    /// `+` is a blank, `%41` a byte; what is no such pair of digits stays as it is.
    static func decoded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var offset = bytes.startIndex
        while offset < bytes.endIndex {
            let byte = bytes[offset]
            if byte == UInt8(ascii: "%"), offset + 2 < bytes.endIndex, let high = bytes[offset + 1].hexValue,
                let low = bytes[offset + 2].hexValue
            {
                result.append(high << 4 | low)
                offset += 3
            } else {
                result.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
                offset += 1
            }
        }
        return result
    }
}
