/// One condition of a filter. Texts are in lower case: A to Z are the same as a to z, all other bytes are themselves.
package struct FilterTerm: Hashable, Sendable {
    package enum Test: Hashable, Sendable {
        /// In method, path, remote or status.
        case word([UInt8])
        case method([UInt8])
        case status(StatusTest)
        /// Anywhere in the request-target.
        case path([UInt8])
        /// At the beginning of the remote address, or of the forwarded one.
        case remote([UInt8])
        /// In the request's or the response's body, as it passed or decoded.
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

    /// Whether the line of the exchange has the word in it.
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
