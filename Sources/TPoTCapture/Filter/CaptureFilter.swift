/// A filter for exchanges. An exchange matches if all terms match.
///
///     words method:POST status:5xx path:/hook remote:203.0.113. from:stripe event:invoice type:json header:x-a=b
///     took:>1s size:>1M is:failed body:text -word "two words"
///
/// For shells there are `not:` beside `-`, and `over-` and `under-` beside `>` and `<`.
///
/// A filter never fails to parse: a term with a mistake counts as a plain word, and ``hint`` explains the mistake.
package struct CaptureFilter: Hashable, Sendable {
    /// As typed.
    package let text: String
    package let terms: [FilterTerm]
    /// Warns of a likely mistake in the filter. Nil if the filter looks right.
    package let hint: String?

    package init(_ text: String) {
        self.text = text
        var parser = FilterParser(text)
        terms = Self.ordered(parser.parse())
        hint = parser.hint
    }

    private init(_ text: String, terms: [FilterTerm]) {
        self.text = text
        self.terms = Self.ordered(terms)
        hint = nil
    }

    package static let all = CaptureFilter("")

    /// Body terms come last, because all others are cheaper to test.
    private static func ordered(_ terms: [FilterTerm]) -> [FilterTerm] {
        terms.filter { !$0.needsBody } + terms.filter(\.needsBody)
    }

    /// The filter has no terms, so everything matches.
    package var isEmpty: Bool { terms.isEmpty }
    /// A term asks who sent the request, or what it says.
    package var needsDelivery: Bool { terms.contains(where: \.needsDelivery) }
    /// A term asks whether the signature is right.
    var needsSignature: Bool { terms.contains(where: \.needsSignature) }
    package var needsBodies: Bool { terms.last?.needsBody ?? false }

    /// Compares terms only, so that filters that differ in blanks share one index.
    package static func == (one: Self, other: Self) -> Bool { one.terms == other.terms }

    package func hash(into hasher: inout Hasher) { hasher.combine(terms) }

    /// - Parameters:
    ///   - ignoresRepair: an exchange that a replay has fixed counts as failed.
    ///   - bodyContains: whether a body of this exchange contains these bytes, ignoring case. It is called only if all
    ///     other terms match.
    package func matches(
        _ content: CapturedExchange,
        ignoresRepair: Bool = false,
        bodyContains: ([UInt8]) -> Bool
    ) -> Bool {
        terms.allSatisfy { $0.matches(content, ignoresRepair, bodyContains) }
    }

    /// The filter that looks for the same words in bodies. Nil if there are none, or if one must not be there.
    package var inBodies: CaptureFilter? {
        var isFound = false
        var words: [String] = []
        let terms = terms.map { term in
            guard case .word(let word) = term.test, !term.isNegated else {
                words.append(term.text)
                return term
            }
            isFound = true
            let text = String(decoding: word, as: UTF8.self)
            words.append("body:" + (text.contains { $0 == " " || $0 == "\t" } ? "\"\(text)\"" : text))
            return FilterTerm(test: .body(word), isNegated: false, text: term.text)
        }
        return isFound ? CaptureFilter(words.joined(separator: " "), terms: terms) : nil
    }
}
