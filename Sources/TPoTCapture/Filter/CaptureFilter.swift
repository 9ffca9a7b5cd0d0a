/// Which exchanges somebody wants to see: terms that all have to hold.
///
///     words method:POST status:5xx path:/hook remote:203.0.113. body:text -word "two words"
///
/// What makes no sense is taken as a plain word, and ``hint`` says why: a filter never fails.
package struct CaptureFilter: Hashable, Sendable {
    /// As typed.
    package let text: String
    package let terms: [FilterTerm]
    /// What the user may have meant; nil when all is clear.
    package let hint: String?

    package init(_ text: String) {
        self.text = text
        var parser = FilterParser(text)
        let terms = parser.parse()
        // Bodies last: everything else is cheaper to look at.
        self.terms = terms.filter { !$0.needsBody } + terms.filter(\.needsBody)
        hint = parser.hint
    }

    package static let all = CaptureFilter("")

    /// Everything matches.
    package var isEmpty: Bool { terms.isEmpty }
    package var needsBodies: Bool { terms.last?.needsBody ?? false }

    /// Two filters that mean the same share one index, whatever blanks were typed.
    package static func == (one: Self, other: Self) -> Bool { one.terms == other.terms }

    package func hash(into hasher: inout Hasher) { hasher.combine(terms) }

    /// - Parameter bodyContains: whether a body of this exchange has these bytes in it, in any case; asked only when all
    ///   else matches.
    package func matches(_ exchange: Exchange, bodyContains: ([UInt8]) -> Bool) -> Bool {
        terms.allSatisfy { $0.matches(exchange, bodyContains) }
    }
}
