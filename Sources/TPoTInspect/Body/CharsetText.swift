import TPoTWire

/// Converts text to UTF-8 from the charset that its media type names.
///
/// UTF-8, UTF-16, Latin-1 and Windows-1252 are converted here. On the web Latin-1 means Windows-1252 (WHATWG Encoding,
/// 4.2). The system's iconv(3) converts others. What it does not know is read as UTF-8. Invalid bytes stay, and are shown
/// as such.
struct CharsetText: Hashable, Sendable {
    private(set) var utf8: [UInt8]
    /// A remark for the user. Nil if the charset is known.
    private(set) var note: String?
    /// The number of invalid places, which ``utf8`` has as U+FFFD.
    private(set) var replaced = 0

    init(_ bytes: [UInt8], charset: String?) {
        switch charset ?? "utf-8" {
        case "utf-16", "utf-16le", "utf-16be", "ucs-2":
            (utf8, replaced) = Self.fromUTF16(bytes, isBigEndian: charset == "utf-16be")
        case "iso-8859-1", "latin1", "l1", "windows-1252", "cp1252":
            utf8 = Self.fromWindows1252(bytes)
        case "utf-8", "utf8", "us-ascii", "ascii":
            utf8 = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? Array(bytes.dropFirst(3)) : bytes
        case let other:
            if let (text, invalid) = IconvText.utf8(bytes, from: other) {
                (utf8, replaced) = (text, invalid)
                return
            }
            utf8 = bytes
            note = "charset \(VisibleText.text(other, limit: 30)) read as UTF-8"
        }
    }

    private static func fromUTF16(_ bytes: [UInt8], isBigEndian: Bool) -> ([UInt8], replaced: Int) {
        var isBigEndian = isBigEndian
        var start = 0
        if bytes.starts(with: [0xfe, 0xff]) {
            (isBigEndian, start) = (true, 2)
        } else if bytes.starts(with: [0xff, 0xfe]) {
            (isBigEndian, start) = (false, 2)
        }
        let units = stride(from: start, to: bytes.count - 1, by: 2).map { offset in
            let first = UInt16(bytes[offset])
            let second = UInt16(bytes[offset + 1])
            return isBigEndian ? first << 8 | second : second << 8 | first
        }
        var text: [UInt8] = []
        text.reserveCapacity(units.count)
        // Half a unit at the end counts as invalid.
        var replaced = (bytes.count - start) % 2
        var decoder = UTF16()
        var iterator = units.makeIterator()
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar):
                text += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
            case .error:
                replaced += 1
                text += UTF8.encodedReplacementCharacter
            case .emptyInput:
                return (text, replaced)
            }
        }
    }

    private static func fromWindows1252(_ bytes: [UInt8]) -> [UInt8] {
        var utf8: [UInt8] = []
        utf8.reserveCapacity(bytes.count + bytes.count / 8)
        for byte in bytes {
            guard byte >= 0x80 else {
                utf8.append(byte)
                continue
            }
            let value = byte < 0xa0 ? windows1252[Int(byte) - 0x80] : UInt32(byte)
            // All values are below 0x10000 and none is a surrogate, so each takes two or three bytes.
            if value < 0x800 {
                utf8 += [UInt8(0xc0 | value >> 6), UInt8(0x80 | value & 0x3f)]
            } else {
                utf8 += [UInt8(0xe0 | value >> 12), UInt8(0x80 | value >> 6 & 0x3f), UInt8(0x80 | value & 0x3f)]
            }
        }
        return utf8
    }

    /// 0x80…0x9f (WHATWG Encoding, index windows-1252).
    private static let windows1252: [UInt32] = [
        0x20ac, 0x81, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d,
        0x017d, 0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a,
        0x0153, 0x9d, 0x017e, 0x0178,
    ]
}
