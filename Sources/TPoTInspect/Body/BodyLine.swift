/// A line of a body as it is shown, in pieces with a meaning; safe for a terminal.
package struct BodyLine: Hashable, Sendable {
    package enum Style: Hashable, Sendable {
        case text
        /// A name: of a JSON member, a form field, a header.
        case key
        case string
        case number
        /// `true`, `false`, `null`.
        case keyword
        case punctuation
        /// The place in a hex dump.
        case offset
        case hex
        /// Not of the body: what is said about it.
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
