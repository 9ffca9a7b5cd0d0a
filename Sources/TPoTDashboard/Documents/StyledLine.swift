import TPoTInspect

/// A line of text in spans, each with a role.
package struct StyledLine: Hashable, Sendable {
    package struct Span: Hashable, Sendable {
        package var text: String
        package var role: StyleRole

        package init(_ text: String, _ role: StyleRole = .plain) {
            self.text = text
            self.role = role
        }
    }

    package var spans: [Span]

    package init(_ spans: [Span] = []) {
        self.spans = spans
    }

    package init(_ text: String, _ role: StyleRole = .plain) {
        spans = [Span(text, role)]
    }

    package init(_ line: BodyLine) {
        spans = line.spans.map { Span($0.text, Self.role(of: $0.style)) }
    }

    package var text: String { spans.reduce(into: "") { $0 += $1.text } }

    mutating func add(_ text: String, _ role: StyleRole = .plain) {
        spans.append(Span(text, role))
    }

    /// Adds blanks up to a column, at least three.
    mutating func pad(to column: Int) {
        let columns = DisplayWidth.columns(text)
        add(String(repeating: " ", count: max(3, column - columns)))
    }

    private static func role(of style: BodyLine.Style) -> StyleRole {
        switch style {
        case .text: .plain
        case .key: .jsonKey
        case .string: .jsonString
        case .number: .jsonNumber
        case .keyword: .jsonLiteral
        case .punctuation: .jsonPunctuation
        case .offset: .hexOffset
        case .hex: .hexBytes
        case .note: .dim
        }
    }
}

// MARK: - Wrapping

extension StyledLine {
    /// The rows that the line takes on a screen, as UTF-8 offsets into ``text``; at least one.
    func rows(columns: Int) -> [Range<Int>] {
        let text = text
        guard text.utf8.count > columns || !text.utf8.allSatisfy({ 0x20...0x7e ~= $0 }) else {
            return [0..<text.utf8.count]
        }
        return DisplayText.wrapped(text, columns: columns).map { row in
            let start = text.utf8.distance(from: text.startIndex, to: row.startIndex)
            return start..<start + row.utf8.count
        }
    }

    /// The spans of one row.
    func slice(_ range: Range<Int>) -> [Span] {
        var offset = 0
        return spans.compactMap { span in
            let all = offset..<offset + span.text.utf8.count
            offset = all.upperBound
            let part = all.clamped(to: range)
            guard !part.isEmpty else { return nil }
            let utf8 = span.text.utf8
            let start = utf8.index(utf8.startIndex, offsetBy: part.lowerBound - all.lowerBound)
            let end = utf8.index(start, offsetBy: part.count)
            return Span(String(span.text[start..<end]), span.role)
        }
    }

    /// All matches of a text as UTF-8 offsets into ``text``. ASCII case is ignored.
    /// - Parameter needle: in lower case.
    func hits(of needle: [UInt8]) -> [Range<Int>] {
        guard let first = needle.first else { return [] }
        let bytes = Array(text.utf8).map { 0x41...0x5a ~= $0 ? $0 | 0x20 : $0 }
        var hits: [Range<Int>] = []
        var offset = 0
        while offset + needle.count <= bytes.count {
            if bytes[offset] == first, bytes[offset..<offset + needle.count].elementsEqual(needle) {
                hits.append(offset..<offset + needle.count)
                offset += needle.count
            } else {
                offset += 1
            }
        }
        return hits
    }
}
