import TPoTWire

/// Texts at some places of a JSON text, found in one pass and without building a value.
///
/// Written here because a captured body may be only the beginning of one, which no parser of whole texts takes.
struct JSONFields {
    /// Bytes that are looked at where nothing else is said. What a delivery says of itself stands near its beginning.
    static let byteLimit = 256 * 1024
    /// Bytes of a value that are kept.
    static let valueLimit = 512
    /// Levels of objects and arrays that are entered.
    private static let depthLimit = 64

    /// The values, by their places: names joined by dots, `event.type`; `0` is the first element of an array. Numbers and
    /// `true` are texts, too. An object or array has an empty text.
    private(set) var values: [String: String] = [:]
    /// Where the values of ``values`` that are no object and no array stand in the text, with the quotes of a string.
    private(set) var ranges: [String: Range<Int>] = [:]
    /// Names of the outermost object, in order.
    private(set) var names: [String] = []
    private let wanted: Set<String>
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    /// - Parameters:
    ///   - wanted: the places that are asked for.
    ///   - limit: bytes that are looked at.
    init(_ bytes: [UInt8], wanted: Set<String>, limit: Int = Self.byteLimit) {
        self.wanted = wanted
        self.bytes = bytes.prefix(limit)
        position = self.bytes.startIndex
        if self.bytes.starts(with: [0xef, 0xbb, 0xbf]) { position += 3 }
        _ = value(at: "", depth: 0)
    }

    subscript(place: String) -> String? { values[place] }

    private var next: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || (0x09...0x0d).contains(byte) { position += 1 }
    }

    /// - Returns: false where the text ends, or is no JSON.
    private mutating func value(at place: String, depth: Int) -> Bool {
        skipBlanks()
        guard let byte = next, depth < Self.depthLimit else { return false }
        let start = position
        switch byte {
        case UInt8(ascii: "{"):
            note("", at: place)
            return members(place, depth)
        case UInt8(ascii: "["):
            note("", at: place)
            return elements(place, depth)
        case UInt8(ascii: "\""):
            guard let text = string(isWanted: wanted.contains(place)) else { return false }
            note(text, at: place, start..<position)
            return true
        default:
            let word = bytes[position...].prefix { !Self.endsWord($0) }
            guard !word.isEmpty, word.count <= Self.valueLimit else { return false }
            position += word.count
            note(String(decoding: word, as: UTF8.self), at: place, start..<position)
            return true
        }
    }

    private mutating func note(_ text: String, at place: String, _ range: Range<Int>? = nil) {
        guard wanted.contains(place), values[place] == nil else { return }
        values[place] = text
        ranges[place] = range
    }

    private mutating func members(_ place: String, _ depth: Int) -> Bool {
        position += 1
        skipBlanks()
        if take(UInt8(ascii: "}")) { return true }
        while true {
            skipBlanks()
            guard next == UInt8(ascii: "\""), let name = string(isWanted: true) else { return false }
            if depth == 0 { names.append(name) }
            skipBlanks()
            guard take(UInt8(ascii: ":")), value(at: place.isEmpty ? name : "\(place).\(name)", depth: depth + 1) else {
                return false
            }
            skipBlanks()
            if take(UInt8(ascii: "}")) { return true }
            guard take(UInt8(ascii: ",")) else { return false }
        }
    }

    private mutating func elements(_ place: String, _ depth: Int) -> Bool {
        position += 1
        skipBlanks()
        if take(UInt8(ascii: "]")) { return true }
        var index = 0
        while true {
            guard value(at: place.isEmpty ? "\(index)" : "\(place).\(index)", depth: depth + 1) else { return false }
            index += 1
            skipBlanks()
            if take(UInt8(ascii: "]")) { return true }
            guard take(UInt8(ascii: ",")) else { return false }
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    /// The text of a string, as much of it as is kept; empty where it is not wanted.
    private mutating func string(isWanted: Bool) -> String? {
        position += 1
        let start = position
        var hasEscape = false
        while let byte = next, byte != UInt8(ascii: "\"") {
            hasEscape = hasEscape || byte == UInt8(ascii: "\\")
            position += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        guard position < bytes.endIndex else { return nil }
        let raw = bytes[start..<position]
        position += 1
        guard isWanted else { return "" }
        let kept = raw.prefix(Self.valueLimit)
        guard hasEscape else { return String(decoding: kept, as: UTF8.self) }
        // An escape that the limit cuts is no JSON any more: then the raw text has to do.
        let quoted = "\"\(String(decoding: kept, as: UTF8.self))\""
        guard case .string(let text)? = try? JSONParser.parse(quoted) else {
            return String(decoding: kept, as: UTF8.self)
        }
        return text
    }

    private static func endsWord(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
    }
}
