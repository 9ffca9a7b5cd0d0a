/// A line of a body as it is shown, divided into spans that have a style. It is safe for a terminal.
package struct BodyLine: Hashable, Sendable {
    package enum Style: Hashable, Sendable {
        case text
        /// The name of a JSON member, a form field or a header.
        case key
        case string
        case number
        /// `true`, `false`, `null`.
        case keyword
        case punctuation
        /// The offset at the start of a line of a hex dump.
        case offset
        case hex
        /// A remark about the body, not part of it.
        case note
    }

    package struct Span: Hashable, Sendable {
        package var text: String
        package var style: Style

        package init(_ text: String, _ style: Style) {
            self.text = text
            self.style = style
        }
    }

    package var spans: [Span]

    package init(_ spans: [Span]) {
        self.spans = spans
    }

    package init(_ text: String, _ style: Style = .text) {
        spans = [Span(text, style)]
    }

    package var text: String { spans.reduce(into: "") { $0 += $1.text } }
}
