#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

enum ASCII {
    static let nul: UInt8 = 0x00
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let doubleQuote: UInt8 = 0x22
    static let comma: UInt8 = 0x2C
    static let dot: UInt8 = 0x2E
    static let colon: UInt8 = 0x3A
    static let semicolon: UInt8 = 0x3B
    static let delete: UInt8 = 0x7F
}

extension UInt8 {
    /// `tchar` (RFC 9110, 5.6.2), the characters of methods and field names. The masks hold one bit per byte below
    /// 0x80.
    @inline(__always)
    var isToken: Bool {
        if self < 64 { return (0x03FF_6CFA_0000_0000 as UInt64) >> UInt64(self) & 1 == 1 }
        if self < 128 { return (0x57FF_FFFF_C7FF_FFFE as UInt64) >> UInt64(self & 63) & 1 == 1 }
        return false
    }

    @inline(__always)
    var isDigit: Bool { self &- 0x30 < 10 }

    /// White space as in RFC 9110, 5.6.3: space and tab only.
    @inline(__always)
    var isBlank: Bool { self == ASCII.space || self == ASCII.tab }

    /// A control character other than tab. Field values must not contain one (RFC 9110, 5.5).
    @inline(__always)
    var isControl: Bool { (self < ASCII.space && self != ASCII.tab) || self == ASCII.delete }

    @inline(__always)
    var isNewline: Bool { self == ASCII.lineFeed || self == ASCII.carriageReturn }

    @inline(__always)
    var lowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }

    @inline(__always)
    var hexDigitValue: UInt8? {
        if isDigit { return self &- 0x30 }
        let letter = lowercased &- 0x61
        return letter < 6 ? letter &+ 10 : nil
    }
}

/// Searches in bytes that are still in the buffer. Ranges are offsets. They always lie inside the bytes, because
/// callers only pass what earlier searches returned.
extension UnsafeRawBufferPointer {
    /// Uses `memchr`, because the C library compares 16 or 32 bytes at a time.
    @inline(__always)
    package func firstOffset(of byte: UInt8, in range: Range<Int>) -> Int? {
        guard let baseAddress, !range.isEmpty else { return nil }
        guard let found = memchr(baseAddress + range.lowerBound, Int32(byte), range.count) else { return nil }
        return UnsafeRawPointer(found) - baseAddress
    }

    /// `range` without white space at both ends. A range of white space only becomes the empty range at its end.
    @inline(__always)
    func trimming(_ range: Range<Int>) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        while lower < upper, self[lower].isBlank { lower += 1 }
        while upper > lower, self[upper - 1].isBlank { upper -= 1 }
        return lower..<upper
    }

    /// Whether `range` begins with `word`, ignoring case.
    /// - Parameter word: in lower case.
    func begins(with word: StaticString, in range: Range<Int>) -> Bool {
        let length = word.utf8CodeUnitCount
        return range.count >= length && spells(word, in: range.lowerBound..<range.lowerBound + length)
    }

    /// Whether `range` contains `word`, ignoring case.
    /// - Parameter word: in lower case.
    func contains(_ word: StaticString, in range: Range<Int>) -> Bool {
        guard range.count >= word.utf8CodeUnitCount else { return false }
        return (range.lowerBound...range.upperBound - word.utf8CodeUnitCount).contains { start in
            spells(word, in: start..<start + word.utf8CodeUnitCount)
        }
    }

    /// Whether `range` contains a control character other than tab. Checks every byte, which is faster than stopping at
    /// the first match.
    @inline(__always)
    func hasControl(in range: Range<Int>) -> Bool {
        var found = false
        for offset in range {
            let isControl = self[offset].isControl
            found = found || isControl
        }
        return found
    }

    /// Whether `range` equals `word`, ignoring case.
    /// - Parameter word: in lower case.
    @inline(__always)
    func spells(_ word: StaticString, in range: Range<Int>) -> Bool {
        guard range.count == word.utf8CodeUnitCount else { return false }
        let letters = word.utf8Start
        for offset in 0..<range.count where self[range.lowerBound + offset].lowercased != letters[offset] {
            return false
        }
        return true
    }
}

/// The items of a comma-separated field value (RFC 9110, 5.6.1), trimmed. Empty items are included: an empty value has
/// one.
struct HTTPListItems {
    private let bytes: UnsafeRawBufferPointer
    private var rest: Range<Int>?

    init(of value: Range<Int>, in bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        rest = value
    }

    mutating func next() -> Range<Int>? {
        guard let range = rest else { return nil }
        let comma = bytes.firstOffset(of: ASCII.comma, in: range)
        rest = comma.map { $0 + 1..<range.upperBound }
        return bytes.trimming(range.lowerBound..<(comma ?? range.upperBound))
    }
}
