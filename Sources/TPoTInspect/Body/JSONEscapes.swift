import TPoTWire

/// The escapes of a JSON string (RFC 8259, 7) as a reader wants to see them.
enum JSONEscapes {
    /// Replaces escapes of visible characters by the characters: `\u20ac` by `€`, `\/` by `/`. All others stay: those of
    /// control characters and characters that would not be seen, `\"` and `\\`, and halves of surrogate pairs.
    /// - Parameter string: a string or a part of one, with or without its quotes.
    static func decoded(_ string: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard string.contains(UInt8(ascii: "\\")) else { return string }
        var result: [UInt8] = []
        result.reserveCapacity(string.count)
        var offset = string.startIndex
        while offset < string.endIndex {
            guard string[offset] == UInt8(ascii: "\\"), offset + 1 < string.endIndex else {
                result.append(string[offset])
                offset += 1
                continue
            }
            let next = string[offset + 1]
            if next == UInt8(ascii: "/") {
                result.append(next)
                offset += 2
            } else if next == UInt8(ascii: "u"), let (scalar, end) = scalar(string, at: offset), isShown(scalar) {
                result += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
                offset = end
            } else {
                result += string[offset..<offset + 2]
                offset += 2
            }
        }
        return result[...]
    }

    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        scalar != "\"" && scalar != "\\" && VisibleText.isHarmless(scalar)
    }

    /// The character of an escape, which may be a surrogate pair, and the offset after it.
    private static func scalar(_ string: ArraySlice<UInt8>, at offset: Int) -> (Unicode.Scalar, Int)? {
        guard let first = unit(string, at: offset) else { return nil }
        if let scalar = Unicode.Scalar(first) { return (scalar, offset + 6) }
        guard UTF16.isLeadSurrogate(first), let second = unit(string, at: offset + 6), UTF16.isTrailSurrogate(second)
        else { return nil }
        let value = 0x10000 + (UInt32(first) - 0xd800) << 10 + (UInt32(second) - 0xdc00)
        return Unicode.Scalar(value).map { ($0, offset + 12) }
    }

    /// The code unit of `\u20ac`.
    private static func unit(_ string: ArraySlice<UInt8>, at offset: Int) -> UInt16? {
        guard offset + 6 <= string.endIndex, string[offset] == UInt8(ascii: "\\"),
            string[offset + 1] == UInt8(ascii: "u")
        else { return nil }
        var value: UInt16 = 0
        for byte in string[offset + 2..<offset + 6] {
            guard let digit = byte.hexValue else { return nil }
            value = value << 4 | UInt16(digit)
        }
        return value
    }
}
