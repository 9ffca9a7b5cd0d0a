/// A filter for exchanges. An exchange matches if all terms match.
///
///     words method:POST status:5xx path:/hook remote:203.0.113. body:text -word "two words"
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
        let terms = parser.parse()
        // Body terms come last, because all others are cheaper to test.
        self.terms = terms.filter { !$0.needsBody } + terms.filter(\.needsBody)
        hint = parser.hint
    }

    package static let all = CaptureFilter("")

    /// The filter has no terms, so everything matches.
    package var isEmpty: Bool { terms.isEmpty }
    package var needsBodies: Bool { terms.last?.needsBody ?? false }

    /// Compares terms only, so that filters that differ in blanks share one index.
    package static func == (one: Self, other: Self) -> Bool { one.terms == other.terms }

    package func hash(into hasher: inout Hasher) { hasher.combine(terms) }

    /// - Parameter bodyContains: whether a body of this exchange contains these bytes, ignoring case. It is called only
    ///   if all other terms match.
    package func matches(_ exchange: Exchange, bodyContains: ([UInt8]) -> Bool) -> Bool {
        terms.allSatisfy { $0.matches(exchange, bodyContains) }
    }
}

/// One condition of a filter. Its text is in lower case, because only ASCII case is ignored.
package struct FilterTerm: Hashable, Sendable {
    package enum Test: Hashable, Sendable {
        /// Anywhere in the method, path or remote address, or equal to the status.
        case word([UInt8])
        case method([UInt8])
        case status(StatusTest)
        /// Anywhere in the request-target.
        case path([UInt8])
        /// At the beginning of the remote address or of the forwarded one.
        case remote([UInt8])
        /// In the request's or the response's body, either raw or decoded.
        case body([UInt8])
    }

    package var test: Test
    package var isNegated: Bool

    var needsBody: Bool {
        if case .body = test { return true }
        return false
    }

    func matches(_ exchange: Exchange, _ bodyContains: ([UInt8]) -> Bool) -> Bool {
        let holds =
            switch test {
            case .word(let word): Self.shows(word, exchange)
            case .method(let method): exchange.method.lowercasedASCII == method
            case .status(let status): status.matches(exchange)
            case .path(let part): exchange.target.contains(ignoringCase: part)
            case .remote(let start): Self.addresses(of: exchange).contains { $0.starts(with: start) }
            case .body(let part): bodyContains(part)
            }
        return holds != isNegated
    }

    /// Whether the row of the exchange contains the word.
    private static func shows(_ word: [UInt8], _ exchange: Exchange) -> Bool {
        exchange.target.contains(ignoringCase: word) || exchange.method.contains(ignoringCase: word)
            || exchange.status.map { Array(String($0).utf8) == word } ?? false
            || addresses(of: exchange).contains { $0.contains(ignoringCase: word) }
    }

    private static func addresses(of exchange: Exchange) -> [[UInt8]] {
        let texts = [exchange.remote?.description, exchange.via, exchange.replayOf.map { "replay of \($0)" }]
        return texts.compactMap { $0.map { Array($0.utf8).lowercasedASCII } }
    }
}

/// `status:404`, `status:5xx`, `status:>=400`, `status:none`, `status:waiting`.
package enum StatusTest: Hashable, Sendable {
    case codes(ClosedRange<Int>)
    /// The exchange ended without an answer from the target.
    case none
    /// No answer has come yet.
    case waiting

    /// Reads a status test in lower case. Nil if the text is not a status test.
    init?(_ text: String) {
        switch text {
        case "none":
            self = .none
        case "waiting":
            self = .waiting
        default:
            guard let codes = Self.range(text) else { return nil }
            self = .codes(codes)
        }
    }

    private static func range(_ text: String) -> ClosedRange<Int>? {
        let comparison = text.prefix { "<>=".contains($0) }
        let rest = text.dropFirst(comparison.count)
        let digits = rest.prefix { "0123456789".contains($0) }
        guard (1...3).contains(digits.count), rest.count <= 3, rest.dropFirst(digits.count).allSatisfy({ $0 == "x" }),
            let number = Int(digits)
        else { return nil }
        // Missing digits match any digit: 5xx, 50x, and 5 while the user is still typing.
        let scale = [1: 100, 2: 10, 3: 1][digits.count] ?? 1
        let codes = number * scale...(number + 1) * scale - 1
        switch comparison {
        case "", "=", "==": return codes
        case ">=": return codes.lowerBound...999
        case ">": return codes.upperBound < 999 ? codes.upperBound + 1...999 : nil
        case "<=": return 0...codes.upperBound
        case "<": return codes.lowerBound > 0 ? 0...codes.lowerBound - 1 : nil
        default: return nil
        }
    }

    func matches(_ exchange: Exchange) -> Bool {
        switch self {
        case .codes(let codes): exchange.visitorStatus.map(codes.contains) ?? false
        case .none: exchange.status == nil && exchange.state.isOver
        case .waiting: exchange.state.isWaiting
        }
    }
}
