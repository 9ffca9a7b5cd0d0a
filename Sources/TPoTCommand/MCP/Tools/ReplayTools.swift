import TPoTCapture
import TPoTInspect
import TPoTWire

/// `replay_request`
struct ReplayRequestTool: MCPTool {
    let replayer: AgentReplayer

    var description: ToolDescription {
        ToolDescription(
            name: "replay_request",
            title: "Send a captured request again",
            text:
                "Sends a captured request again, byte for byte and with its secrets, to the target that got it, and compares "
                + "the answers. A webhook whose secret tpot knows is signed anew. The target acts on it as on the first one.",
            arguments: [
                ToolArgument("number", .number(ToolArgument.anyNumber), "The number of the request.", isRequired: true)
            ],
            isReadOnly: false
        )
    }

    func call(_ arguments: ToolArguments, _ progress: ToolProgress) async throws -> ToolResult {
        try await replayer.replay(arguments.number("number") ?? 0) { original, _ in
            try ReplayRequest.bytes(of: original)
        }
    }
}

/// `replay_edited`
struct ReplayEditedTool: MCPTool {
    /// The most bytes of a new body.
    private static let bodyLimit = 3 * 1024 * 1024

    let replayer: AgentReplayer

    var description: ToolDescription {
        ToolDescription(
            name: "replay_edited",
            title: "Edit a captured request and send it",
            text:
                "Sends a captured request with other headers or another body to the target that got it, and compares the "
                + "answers. What is not named stays as captured, secrets included. Content codings are applied again and the "
                + "length is corrected. A webhook whose secret tpot knows is signed anew.",
            arguments: [
                ToolArgument("number", .number(ToolArgument.anyNumber), "The number of the request.", isRequired: true),
                ToolArgument(
                    "headers",
                    .fields(limit: 100),
                    "Header fields to set, by name; null removes one. A value that is still [masked] keeps the real one."
                ),
                ToolArgument("body", .text(limit: Self.bodyLimit), "The new body, decoded, as get_request shows it."),
            ],
            isReadOnly: false
        )
    }

    func call(_ arguments: ToolArguments, _ progress: ToolProgress) async throws -> ToolResult {
        let fields = arguments.fields("headers")
        let body = arguments.bytes("body")
        guard !fields.isEmpty || body != nil else {
            throw ToolFault("nothing is changed: give headers or body, or use replay_request")
        }
        let edits = try fields.map { try FieldEdit($0.name, $0.value) }
        return try await replayer.replay(arguments.number("number") ?? 0) { original, mask in
            let editable = try EditableRequest(original)
            return try editable.request(from: try EditedText.text(editable.text, edits, body, mask))
        }
    }
}

/// A header field that is set or removed.
struct FieldEdit: Sendable {
    /// In lower case.
    let key: [UInt8]
    let name: String
    let value: String?

    init(_ name: String, _ value: String?) throws(ToolFault) {
        let shown = VisibleText.text(name, limit: 60)
        guard !name.isEmpty, name.utf8.allSatisfy(Self.isNameByte) else {
            throw ToolFault("headers: \"\(shown)\" is not the name of a header field")
        }
        let key = name.utf8.map(\.lowercasedASCII)
        guard !["content-length", "transfer-encoding"].contains(where: { key.elementsEqual($0.utf8) }) else {
            throw ToolFault("headers: \(shown) cannot be set: tpot sets it to fit the body")
        }
        guard value?.utf8.allSatisfy({ $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7f) }) ?? true else {
            throw ToolFault("headers: the value of \(shown) has a control character or a line break")
        }
        (self.key, self.name, self.value) = (key, name, value)
    }

    /// RFC 9110, 5.6.2.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}

/// Edits a request as a person would edit it in an editor (see `EditableRequest`).
enum EditedText {
    /// - Parameter body: nil to leave it as it is.
    static func text(
        _ text: [UInt8],
        _ edits: [FieldEdit],
        _ body: [UInt8]?,
        _ mask: SecretMask
    ) throws(ToolFault) -> [UInt8] {
        var (lines, oldBody) = divide(text)
        for edit in edits { try apply(edit, to: &lines, mask) }
        return Array(lines.joined(separator: [0x0a])) + [0x0a, 0x0a] + (body ?? Array(oldBody))
    }

    private static func divide(_ text: [UInt8]) -> (lines: [[UInt8]], body: ArraySlice<UInt8>) {
        var lines: [[UInt8]] = []
        var rest = text[...]
        while let end = rest.firstIndex(of: 0x0a) {
            let line = rest[..<end]
            rest = rest[(end + 1)...]
            guard !line.isEmpty else { break }
            lines.append(Array(line))
        }
        return (lines, rest)
    }

    private static func apply(_ edit: FieldEdit, to lines: inout [[UInt8]], _ mask: SecretMask) throws(ToolFault) {
        let places = lines.indices.dropFirst().filter { name(lines[$0]) == edit.key }
        if let value = edit.value,
            value.utf8.contains(sequence: SecretMask.text) || value.utf8.contains(sequence: SecretMask.urlText)
        {
            // The field as get_request shows it.
            let shown = places.map { mask.value(Self.value(lines[$0]), of: edit.key) }
            if shown.contains(where: { $0.elementsEqual(value.utf8) }) { return }
            throw ToolFault(
                "headers: the value of \(edit.name) has a stand-in for a secret; leave the field out to keep the real value"
            )
        }
        if let value = edit.value {
            let line = Array("\(edit.name): \(value)".utf8)
            if let first = places.first { lines[first] = line } else { lines.append(line) }
        }
        for place in places.dropFirst(edit.value == nil ? 0 : 1).reversed() { lines.remove(at: place) }
    }

    private static func name(_ line: [UInt8]) -> [UInt8] {
        var name = line.prefix { $0 != UInt8(ascii: ":") }.map(\.lowercasedASCII)
        while name.last == 0x20 || name.last == 0x09 { name.removeLast() }
        return name
    }

    private static func value(_ line: [UInt8]) -> [UInt8] {
        var value = line.drop { $0 != UInt8(ascii: ":") }.dropFirst().drop { $0 == 0x20 || $0 == 0x09 }
        while value.last == 0x20 || value.last == 0x09 || value.last == 0x0d { value.removeLast() }
        return Array(value)
    }
}

extension Sequence<UInt8> {
    fileprivate func contains(sequence text: String) -> Bool {
        Array(self).contains(ignoringCase: Array(text.utf8))
    }
}
