import TPoTWire

/// Converts UTF-8 to another charset: the opposite of ``CharsetText``.
enum CharsetEncoder {
    /// Nil if the charset is not known, or lacks a character of the text.
    /// - Parameter original: the text before it was edited, in the charset. A byte order mark at its start is kept.
    static func encoded(_ utf8: [UInt8], to charset: String?, like original: [UInt8]) -> [UInt8]? {
        switch charset ?? "utf-8" {
        case "utf-8", "utf8", "us-ascii", "ascii":
            let mark: [UInt8] = [0xef, 0xbb, 0xbf]
            return original.starts(with: mark) ? mark + utf8 : utf8
        case "utf-16", "utf-16le", "utf-16be", "ucs-2":
            return utf16(utf8, isBigEndian: charset == "utf-16be", like: original)
        case "iso-8859-1", "latin1", "l1", "windows-1252", "cp1252":
            return windows1252(utf8)
        case let other:
            return IconvText.encoded(utf8, to: other)
        }
    }

    private static func utf16(_ utf8: [UInt8], isBigEndian: Bool, like original: [UInt8]) -> [UInt8] {
        let hasBigMark = original.starts(with: [0xfe, 0xff])
        let hasLittleMark = original.starts(with: [0xff, 0xfe])
        let isBigEndian = hasBigMark || isBigEndian && !hasLittleMark
        var result: [UInt8] = hasBigMark ? [0xfe, 0xff] : hasLittleMark ? [0xff, 0xfe] : []
        for unit in String(decoding: utf8, as: UTF8.self).utf16 {
            let high = UInt8(unit >> 8)
            let low = UInt8(unit & 0xff)
            result += isBigEndian ? [high, low] : [low, high]
        }
        return result
    }

    private static func windows1252(_ utf8: [UInt8]) -> [UInt8]? {
        var result: [UInt8] = []
        for scalar in String(decoding: utf8, as: UTF8.self).unicodeScalars {
            guard let byte = scalar.isASCII ? UInt8(scalar.value) : bytes[scalar] else { return nil }
            result.append(byte)
        }
        return result
    }

    /// The bytes of Windows-1252 from 0x80 on, by what they mean.
    private static let bytes: [Unicode.Scalar: UInt8] = {
        var bytes: [Unicode.Scalar: UInt8] = [:]
        for byte in UInt8(0x80)...0xff {
            let text = String(decoding: CharsetText([byte], charset: "windows-1252").utf8, as: UTF8.self)
            if let scalar = text.unicodeScalars.first { bytes[scalar] = byte }
        }
        return bytes
    }()
}
