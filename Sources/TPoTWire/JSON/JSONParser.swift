/// Why a text is not valid JSON, and on which line.
package struct JSONError: Error, Hashable {
    /// Counted from 1.
    package var line: Int
    package var reason: String
}

/// Reads one JSON value (RFC 8259) of at most ``maximumDepth`` levels.
package struct JSONParser {
    package static let maximumDepth = 64

    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0
    /// The line of each name in the outermost object. For a repeated name, the line of the last one.
    private var lines: [String: Int] = [:]

    package static func parse(_ text: String) throws(JSONError) -> JSONValue {
        var parser = JSONParser(bytes: Array(text.utf8))
        return try parser.whole()
    }

    /// Reads a text that must be an object.
    /// - Returns: the object, and the line of each of its names, counted from 1.
    package static func object(_ text: String) throws(JSONError) -> (object: JSONObject, lines: [String: Int]) {
        var parser = JSONParser(bytes: Array(text.utf8))
        guard case .object(let object) = try parser.whole() else {
            throw JSONError(line: 1, reason: "it is not an object, { … }")
        }
        return (object, parser.lines)
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// The next character, for errors.
    private var found: String {
        let rest = String(decoding: bytes[position...].prefix(16), as: UTF8.self)
        return rest.first.map { String($0).debugDescription } ?? "the end of the file"
    }

    private func failure(_ reason: String) -> JSONError {
        JSONError(line: line, reason: reason)
    }

    private var line: Int { 1 + bytes[..<position].count { $0 == UInt8(ascii: "\n") } }

    private mutating func whole() throws(JSONError) -> JSONValue {
        let value = try value()
        skipBlanks()
        guard peek == nil else { throw failure("there is more text after the end: \(found)") }
        return value
    }

    private mutating func skipBlanks() {
        while let byte = peek, [0x20, 0x09, 0x0a, 0x0d].contains(byte) { position += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        return true
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        skipBlanks()
        switch peek {
        case UInt8(ascii: "{"): return try nested { parser throws(JSONError) in try parser.object() }
        case UInt8(ascii: "["): return try nested { parser throws(JSONError) in try parser.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), (UInt8(ascii: "0")...UInt8(ascii: "9"))?: return try number()
        default:
            for (word, value) in [("true", JSONValue.bool(true)), ("false", .bool(false)), ("null", .null)]
            where bytes[position...].starts(with: word.utf8) {
                position += word.utf8.count
                return value
            }
            throw failure("a value is expected, not \(found)")
        }
    }

    private mutating func nested(
        _ read: (inout JSONParser) throws(JSONError) -> JSONValue
    ) throws(JSONError) -> JSONValue {
        guard depth < Self.maximumDepth else { throw failure("it is nested deeper than \(Self.maximumDepth) levels") }
        depth += 1
        defer { depth -= 1 }
        position += 1
        return try read(&self)
    }

    private mutating func object() throws(JSONError) -> JSONValue {
        var object = JSONObject()
        skipBlanks()
        if take(UInt8(ascii: "}")) { return .object(object) }
        while true {
            skipBlanks()
            guard peek == UInt8(ascii: "\"") else { throw failure("a name in quotes is expected, not \(found)") }
            let name = try string()
            if depth == 1 { lines[name] = line }
            skipBlanks()
            guard take(UInt8(ascii: ":")) else {
                throw failure("a colon is expected after \(name.debugDescription), not \(found)")
            }
            object[name] = try value()
            skipBlanks()
            if take(UInt8(ascii: "}")) { return .object(object) }
            guard take(UInt8(ascii: ",")) else { throw failure("a comma or } is expected, not \(found)") }
        }
    }

    private mutating func array() throws(JSONError) -> JSONValue {
        var values: [JSONValue] = []
        skipBlanks()
        if take(UInt8(ascii: "]")) { return .array(values) }
        while true {
            values.append(try value())
            skipBlanks()
            if take(UInt8(ascii: "]")) { return .array(values) }
            guard take(UInt8(ascii: ",")) else { throw failure("a comma or ] is expected, not \(found)") }
        }
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        return .number(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func digits() throws(JSONError) {
        let start = position
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > start else { throw failure("a digit is expected, not \(found)") }
    }

    private mutating func string() throws(JSONError) -> String {
        var text: [UInt8] = []
        position += 1
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                position += 1
                try escape(into: &text)
            case 0..<0x20: throw failure("a string contains \(found); write it as an escape, or close the quotes")
            default:
                text.append(byte)
                position += 1
            }
        }
        throw failure("a string is not closed")
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        let escapes: [UInt8: UInt8] = [
            UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "\\"): UInt8(ascii: "\\"),
            UInt8(ascii: "/"): UInt8(ascii: "/"), UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0c,
            UInt8(ascii: "n"): 0x0a, UInt8(ascii: "r"): 0x0d, UInt8(ascii: "t"): 0x09,
        ]
        if let byte = peek, let meaning = escapes[byte] {
            position += 1
            text.append(meaning)
            return
        }
        guard take(UInt8(ascii: "u")) else { throw failure("a backslash cannot be followed by \(found)") }
        var units = [try hexUnit()]
        if UTF16.isLeadSurrogate(units[0]), bytes[position...].starts(with: "\\u".utf8) {
            position += 2
            units.append(try hexUnit())
        }
        text += Array(String(decoding: units, as: UTF16.self).utf8)
    }

    private mutating func hexUnit() throws(JSONError) -> UInt16 {
        let digits = bytes[position...].prefix(4)
        guard digits.count == 4, digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw failure("four hexadecimal digits are expected after \\u") }
        position += 4
        return unit
    }
}
