/// Writes JSON piece by piece (RFC 8259).
package struct JSONWriter {
    package var bytes: [UInt8] = []
    /// The next member or element is the first of its object or array.
    private var isFirst = true

    package init() {}

    // MARK: Objects and arrays, member by member

    /// - Parameter name: nil for an element of an array, and for the outermost object.
    package mutating func object(_ name: String? = nil, _ body: (inout JSONWriter) -> Void) {
        enclose(name, "{", "}", body)
    }

    package mutating func array(_ name: String? = nil, _ body: (inout JSONWriter) -> Void) {
        enclose(name, "[", "]", body)
    }

    package mutating func add(_ name: String, _ text: String) {
        begin(name)
        write(text)
    }

    /// Adds text to an array.
    package mutating func element(_ text: String) {
        begin(nil)
        write(text)
    }

    package mutating func add(_ name: String, _ number: Int) {
        begin(name)
        bytes += String(number).utf8
    }

    package mutating func add(_ name: String, _ bool: Bool) {
        begin(name)
        bytes += (bool ? "true" : "false").utf8
    }

    /// Adds a number of thousandths with three decimals: 12345 becomes `12.345`.
    package mutating func add(_ name: String, thousandths: Int64) {
        begin(name)
        let digits = String(abs(thousandths) % 1000)
        bytes += "\(thousandths < 0 ? "-" : "")\(abs(thousandths) / 1000).".utf8
        bytes += (String(repeating: "0", count: 3 - digits.count) + digits).utf8
    }

    /// Adds a member that is JSON already.
    package mutating func add(_ name: String, json: some Sequence<UInt8>) {
        begin(name)
        bytes += json
    }

    /// Adds an element.
    package mutating func append(_ text: String) {
        begin(nil)
        write(text)
    }

    /// Adds an element that is JSON already.
    package mutating func append(json: some Sequence<UInt8>) {
        begin(nil)
        bytes += json
    }

    private mutating func enclose(
        _ name: String?,
        _ open: StaticString,
        _ close: StaticString,
        _ body: (inout JSONWriter) -> Void
    ) {
        begin(name)
        bytes += String(describing: open).utf8
        isFirst = true
        body(&self)
        bytes += String(describing: close).utf8
        isFirst = false
    }

    private mutating func begin(_ name: String?) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        guard let name else { return }
        write(name)
        bytes.append(UInt8(ascii: ":"))
    }

    // MARK: Values

    /// Writes a quoted string. Escapes everything that a terminal could interpret.
    package mutating func write(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        guard !text.utf8.allSatisfy(Self.isPlain) else {
            bytes += text.utf8
            bytes.append(UInt8(ascii: "\""))
            return
        }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\":
                bytes += [UInt8(ascii: "\\"), UInt8(scalar.value)]
            case "\n": bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case "\t": bytes += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
            case " "..."~": bytes.append(UInt8(scalar.value))
            default:
                if VisibleText.isHarmless(scalar) {
                    bytes += Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
                } else {
                    for unit in String(scalar).utf16 { writeEscape(unit) }
                }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes bytes from the network as a quoted string: see ``VisibleText/jsonText(_:limit:)``.
    package mutating func write(_ text: [UInt8], limit: Int) {
        // Almost every path is plain. Decoding each character would be most of the cost of a line.
        guard text.count <= limit, text.allSatisfy(Self.isPlain) else {
            return write(VisibleText.jsonText(text, limit: limit))
        }
        bytes.append(UInt8(ascii: "\""))
        bytes += text
        bytes.append(UInt8(ascii: "\""))
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        UInt8(ascii: " ")...UInt8(ascii: "~") ~= byte && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    package mutating func write(_ value: JSONValue, indentation: Int) {
        switch value {
        case .null: bytes += Array("null".utf8)
        case .bool(let bool): bytes += Array((bool ? "true" : "false").utf8)
        case .number(let text): bytes += Array(text.utf8)
        case .string(let text): write(text)
        case .array(let values):
            writeList(open: "[", close: "]", count: values.count, indentation: indentation) { writer, index in
                writer.write(values[index], indentation: indentation + 2)
            }
        case .object(let object):
            let members = object.members
            writeList(open: "{", close: "}", count: members.count, indentation: indentation) { writer, index in
                writer.write(members[index].name)
                writer.bytes += Array(": ".utf8)
                writer.write(members[index].value, indentation: indentation + 2)
            }
        }
    }

    private mutating func writeList(
        open: String,
        close: String,
        count: Int,
        indentation: Int,
        item: (inout JSONWriter, Int) -> Void
    ) {
        bytes += Array(open.utf8)
        for index in 0..<count {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            startLine(indentation + 2)
            item(&self, index)
        }
        if count > 0 { startLine(indentation) }
        bytes += Array(close.utf8)
    }

    private mutating func startLine(_ indentation: Int) {
        bytes.append(UInt8(ascii: "\n"))
        bytes += repeatElement(UInt8(ascii: " "), count: indentation)
    }

    private mutating func writeEscape(_ unit: UInt16) {
        let digits = Array("0123456789abcdef".utf8)
        bytes += [UInt8(ascii: "\\"), UInt8(ascii: "u")]
        for shift in [12, 8, 4, 0] { bytes.append(digits[Int(unit >> UInt16(shift) & 15)]) }
    }
}
