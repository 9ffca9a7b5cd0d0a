import TPoTCapture
import TPoTWire

/// What a new signature changes in a request.
package struct NewSignature: Hashable, Sendable {
    package struct Field: Hashable, Sendable {
        package var name: String
        package var value: String
    }

    /// Headers with their new values. One that is missing is added.
    package var fields: [Field] = []
    /// The new request-target, where the signature is over a hash in it.
    package var target: [UInt8]?
    /// The new content, without chunks, where the signature or its time is in the body.
    package var content: [UInt8]?

    package init() {}

    /// Nothing changes: the provider sends a secret token, which stays right.
    package var isEmpty: Bool { fields.isEmpty && target == nil && content == nil }

    mutating func set(_ name: String, _ value: String) { fields.append(Field(name: name, value: value)) }

    /// The whole request with the new signature. Everything else stays byte for byte; a new content that was sent in chunks
    /// is sent in one.
    /// - Parameter request: the request that was signed, as it is sent.
    package func applied(to request: [UInt8]) -> [UInt8] {
        guard !isEmpty else { return request }
        let old = WebhookRequest(bytes: request)
        var lines = [line(HTTPText.firstLine(old.head))]
        var rest = fields
        var isDropped = false
        for fieldLine in HTTPText.fieldLines(old.head) {
            // The lines of a folded value are replaced with it.
            if fieldLine.first == 0x20 || fieldLine.first == 0x09 {
                if !isDropped { lines.append(Array(fieldLine)) }
                continue
            }
            let name = fieldLine.prefix { $0 != UInt8(ascii: ":") }
            let key = Self.key(name)
            isDropped = fields.contains { $0.name.lowercasedASCII == key }
            guard isDropped else {
                lines.append(withLength(fieldLine, key, name))
                continue
            }
            guard let index = rest.firstIndex(where: { $0.name.lowercasedASCII == key }) else { continue }
            lines.append(Array(name) + Array(": \(rest.remove(at: index).value)".utf8))
        }
        lines += rest.map { Array("\($0.name): \($0.value)".utf8) }
        return Array(lines.joined(separator: [0x0d, 0x0a])) + [0x0d, 0x0a, 0x0d, 0x0a] + body(of: old)
    }

    private static func key(_ name: some Sequence<UInt8>) -> [UInt8] {
        name.map(\.lowercasedASCII).filter { $0 != 0x20 && $0 != 0x09 }
    }

    private func line(_ requestLine: ArraySlice<UInt8>) -> [UInt8] {
        var words = requestLine.split(separator: 0x20)
        guard let target, words.count > 1 else { return Array(requestLine) }
        words[1] = target[...]
        return Array(words.joined(separator: [0x20]))
    }

    private func withLength(_ line: ArraySlice<UInt8>, _ key: [UInt8], _ name: ArraySlice<UInt8>) -> [UInt8] {
        guard let content, key == Array("content-length".utf8) else { return Array(line) }
        return Array(name) + Array(": \(content.count)".utf8)
    }

    private func body(of old: WebhookRequest) -> [UInt8] {
        guard let content else { return old.wireBody }
        guard BodyDescription(head: old.head).isChunked else { return content }
        let size = String(content.count, radix: 16)
        let last = Array("0\r\n\r\n".utf8)
        return content.isEmpty ? last : Array("\(size)\r\n".utf8) + content + [0x0d, 0x0a] + last
    }
}
