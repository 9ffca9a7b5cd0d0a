import TPoTWire

/// Parses a filter while the user types it, so half a term is not an error.
struct FilterParser {
    private static let keys = ["method", "status", "path", "remote", "body"]

    private(set) var hint: String?
    private let text: String

    init(_ text: String) {
        self.text = text
    }

    mutating func parse() -> [FilterTerm] {
        words().compactMap { term($0) }
    }

    /// A word as typed. Quotes keep blanks in it and remove the special meaning of all characters inside.
    private struct Word {
        var text = ""
        /// The word has a colon before any quotes.
        var hasKey = false
        var hasQuotes = false
        var isNegated = false
    }

    private func words() -> [Word] {
        var words: [Word] = []
        var word: Word?
        var isQuoted = false
        for character in text {
            switch character {
            case "\"":
                isQuoted.toggle()
                if word == nil { word = Word() }
                word?.hasQuotes = true
            case " " where !isQuoted, "\t" where !isQuoted:
                if let complete = word { words.append(complete) }
                word = nil
            case "-" where !isQuoted && word == nil:
                word = Word(isNegated: true)
            default:
                if word == nil { word = Word() }
                if character == ":", word?.hasQuotes == false { word?.hasKey = true }
                word?.text.append(character)
            }
        }
        if let last = word { words.append(last) }
        return words
    }

    private mutating func term(_ word: Word) -> FilterTerm? {
        guard !word.text.isEmpty else { return nil }
        switch test(word) {
        case .incomplete: return nil
        case .complete(let test): return FilterTerm(test: test, isNegated: word.isNegated)
        case nil: return FilterTerm(test: .word(word.text.lowercasedASCII), isNegated: word.isNegated)
        }
    }

    private enum Outcome {
        case incomplete
        case complete(FilterTerm.Test)
    }

    /// Nil for a plain word.
    private mutating func test(_ word: Word) -> Outcome? {
        let parts = word.text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard word.hasKey, parts.count == 2 else { return nil }
        let key = String(decoding: String(parts[0]).lowercasedASCII, as: UTF8.self)
        let value = String(parts[1]).lowercasedASCII
        guard Self.keys.contains(key) else {
            // Ports, times and URLs have colons too. Only a word that looks like a key gets a hint.
            if key.count > 2, key.allSatisfy(\.isLetter), !parts[1].hasPrefix("//") {
                hint = "no filter \(VisibleText.text(key, limit: 20)): method, status, path, remote, body"
            }
            return nil
        }
        guard !value.isEmpty else {
            hint = "\(key): what?"
            return .incomplete
        }
        switch key {
        case "method": return .complete(.method(value))
        case "path": return .complete(.path(value))
        case "remote": return .complete(.remote(value))
        case "body": return .complete(.body(value))
        default:
            guard let status = StatusTest(String(decoding: value, as: UTF8.self)) else {
                hint = "status takes 404, 5xx, >=400, none or waiting"
                return nil
            }
            return .complete(.status(status))
        }
    }
}
