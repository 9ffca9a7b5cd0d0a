import TPoTCapture
import TPoTWire

/// The bytes that are sent to replay a captured request.
package enum ReplayRequest {
    /// The request byte for byte as the target received it, including chunk sizes and trailers.
    package static func bytes(of exchange: CapturedExchange) throws(ReplayRefusal) -> [UInt8] {
        if let refusal = exchange.replayRefusal { throw refusal }
        guard let head = exchange.sentRequestHead ?? exchange.requestHead else {
            throw .noRequest
        }
        return Array(head.drop { $0 == 0x0d || $0 == 0x0a }) + exchange.requestBody.bytes
    }
}

/// Turns a captured request into text to edit, and the edited text into a request.
///
///     POST /webhooks HTTP/1.1        line ends are LF in the text and CRLF in the request
///     Host: localhost:8080
///     Content-Length: 18             corrected, unless the user edited it
///
///     {"order": 4711}                the content without chunks, codings and charset; placeholders for what is not text
///
/// An unchanged body is sent with the captured bytes. An edited one gets its codings and charset again.
package struct EditableRequest: Sendable {
    /// The text to edit.
    package let text: [UInt8]

    private let exchange: CapturedExchange
    private let head: [UInt8]
    private let body: EditableBody

    package init(_ exchange: CapturedExchange) throws(ReplayRefusal) {
        if let refusal = exchange.replayRefusal { throw refusal }
        self.exchange = exchange
        head = Array((exchange.sentRequestHead ?? exchange.requestHead ?? []).drop { $0 == 0x0d || $0 == 0x0a })
        body = EditableBody(exchange.requestBody.bytes, BodyDescription(head: head))
        let lines = [HTTPText.firstLine(head)] + HTTPText.fieldLines(head)
        text = Array(lines.joined(separator: [0x0a])) + [0x0a, 0x0a] + body.shown
    }

    /// Makes the request from the edited text.
    package func request(from edited: [UInt8]) throws(ReplayRefusal) -> [UInt8] {
        let (lines, editedBody) = Self.divide(edited)
        try Self.check(lines)
        let shown = body.shown
        let isSameBody = editedBody == shown || editedBody == shown + [0x0a] || editedBody == shown + [0x0d, 0x0a]
        let editedHead = Self.head(lines)
        let new = BodyDescription(head: editedHead)
        let old = BodyDescription(head: head)
        var bytes: [UInt8]
        if isSameBody, new.isChunked == old.isChunked, new.contentCodings == old.contentCodings {
            bytes = exchange.requestBody.bytes
        } else {
            let text = isSameBody ? shown : Self.withoutEditorsLineEnd(editedBody, original: shown)
            bytes = try body.bytes(from: text, new)
            if new.isChunked { bytes = Self.chunked(bytes) }
        }
        guard !new.isChunked else { return editedHead + bytes }
        return Self.head(withLength(lines, bytes.count)) + bytes
    }

    // MARK: Length

    private static let lengthName = Array("content-length".utf8)

    private static func isLength(_ line: ArraySlice<UInt8>) -> Bool {
        line.prefix { $0 != UInt8(ascii: ":") }.map(\.lowercasedASCII) == lengthName
    }

    private static func value(_ line: ArraySlice<UInt8>) -> [UInt8] {
        line.drop { $0 != UInt8(ascii: ":") }.dropFirst().filter { $0 != 0x20 && $0 != 0x09 }
    }

    /// Corrects the length if the user did not edit it. Adds one if the request had none and now needs it. A length
    /// that the user changed or removed stays changed or removed.
    private func withLength(_ lines: [ArraySlice<UInt8>], _ length: Int) -> [ArraySlice<UInt8>] {
        let original = HTTPText.fieldLines(head).filter(Self.isLength)
        let edited = lines.dropFirst().filter(Self.isLength)
        if edited.isEmpty {
            guard original.isEmpty, length > 0 else { return lines }
            return lines + [Array("Content-Length: \(length)".utf8)[...]]
        }
        guard edited.map(Self.value) == original.map(Self.value) else { return lines }
        return lines.enumerated().map { index, line in
            guard index > 0, Self.isLength(line), Self.value(line) != Array(String(length).utf8) else { return line }
            let name = line.prefix { $0 != UInt8(ascii: ":") }
            return (Array(name) + Array(": \(length)".utf8))[...]
        }
    }

    // MARK: Text

    /// The lines before the first empty one, without line ends, and the bytes after it.
    private static func divide(_ text: [UInt8]) -> (lines: [ArraySlice<UInt8>], body: [UInt8]) {
        var lines: [ArraySlice<UInt8>] = []
        var start = text.firstIndex { $0 != 0x0a && $0 != 0x0d } ?? text.count
        while start < text.count {
            let lineFeed = text[start...].firstIndex(of: 0x0a) ?? text.count
            let line = text[start..<lineFeed]
            let content = line.last == 0x0d ? line.dropLast() : line
            start = min(lineFeed + 1, text.count)
            guard !content.isEmpty else { break }
            lines.append(content)
        }
        return (lines, Array(text[start...]))
    }

    private static func check(_ lines: [ArraySlice<UInt8>]) throws(ReplayRefusal) {
        guard let first = lines.first else { throw .emptyText }
        let words = first.split(separator: 0x20, omittingEmptySubsequences: false)
        guard words.count == 3, words.allSatisfy({ !$0.isEmpty }), words[2].starts(with: Array("HTTP/1.".utf8)) else {
            throw .noRequestLine
        }
        for line in lines.dropFirst() where !line.dropFirst().contains(UInt8(ascii: ":")) {
            throw .noColon(VisibleText.text(line, limit: 60))
        }
    }

    private static func head(_ lines: [ArraySlice<UInt8>]) -> [UInt8] {
        Array(lines.joined(separator: [0x0d, 0x0a])) + [0x0d, 0x0a, 0x0d, 0x0a]
    }

    /// Editors add a line end to the last line. If the original had none, it is not part of the body.
    private static func withoutEditorsLineEnd(_ body: [UInt8], original: [UInt8]) -> [UInt8] {
        guard body.last == 0x0a, original.last != 0x0a else { return body }
        return Array(body.dropLast())
    }

    private static func chunked(_ content: [UInt8]) -> [UInt8] {
        let end = Array("0\r\n\r\n".utf8)
        guard !content.isEmpty else { return end }
        return Array("\(String(content.count, radix: 16))\r\n".utf8) + content + Array("\r\n".utf8) + end
    }
}
