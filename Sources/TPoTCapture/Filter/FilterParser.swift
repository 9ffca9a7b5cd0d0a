import TPoTWire

/// Parses a filter while the user types it, so half a term is not an error.
struct FilterParser {
    static let keys = [
        "method", "status", "path", "remote", "from", "event", "type", "header", "took", "size", "is", "body",
    ]

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
            case ":" where word?.text.lowercased() == "not" && word?.hasQuotes == false && word?.isNegated == false:
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
        case .complete(let test): return FilterTerm(test: test, isNegated: word.isNegated, text: Self.typed(word))
        case nil:
            return FilterTerm(test: .word(word.text.lowercasedASCII), isNegated: word.isNegated, text: Self.typed(word))
        }
    }

    private static func typed(_ word: Word) -> String {
        (word.isNegated ? "-" : "") + (word.hasQuotes ? "\"\(word.text)\"" : word.text)
    }

    private enum Outcome {
        case incomplete
        case complete(FilterTerm.Test)
    }

    /// Nil for a plain word.
    private mutating func test(_ word: Word) -> Outcome? {
        let parts = word.text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        if !word.hasKey, !word.hasQuotes {
            let text = String(decoding: word.text.lowercasedASCII, as: UTF8.self)
            if StatusTest.isClass(text), let status = StatusTest(text) { return .complete(.status(status)) }
        }
        guard word.hasKey, parts.count == 2 else { return nil }
        let key = String(decoding: String(parts[0]).lowercasedASCII, as: UTF8.self)
        let value = String(parts[1]).lowercasedASCII
        guard Self.keys.contains(key) else {
            // Ports, times and URLs have colons too. Only a word that looks like a key gets a hint.
            if key.count > 2, key.allSatisfy(\.isLetter), !parts[1].hasPrefix("//") {
                hint = "no filter \(VisibleText.text(key, limit: 20))"
            }
            return nil
        }
        guard !value.isEmpty else {
            hint = "\(key): what?"
            return .incomplete
        }
        let text = String(decoding: value, as: UTF8.self)
        switch key {
        case "method": return .complete(.method(value))
        case "path": return .complete(.path(value))
        case "remote": return .complete(.remote(value))
        case "from": return .complete(.from(value))
        case "event": return .complete(.event(value))
        case "type": return .complete(.type(value))
        case "body": return .complete(.body(value))
        case "header": return header(text)
        case "took": return complete(QuantityTest.time(text).map { .took($0) }, "took takes >1s, <200ms, >2m")
        case "size": return complete(QuantityTest.size(text).map { .size($0) }, "size takes >1M, <10K, >500")
        case "is":
            let words = StateTest.allCases.map(\.rawValue)
            let test = StateTest(rawValue: text).map { FilterTerm.Test.state($0) }
            let outcome = complete(test, "is takes \(words.joined(separator: ", "))")
            // Half a word is not looked for as a plain word while the user types on.
            return outcome ?? (words.contains { $0.hasPrefix(text) } ? .incomplete : nil)
        default:
            return complete(StatusTest(text).map { .status($0) }, "status takes 404, 5xx, >=400, none or waiting")
        }
    }

    /// A term with a mistake counts as a plain word.
    private mutating func complete(_ test: FilterTerm.Test?, _ hint: String) -> Outcome? {
        if let test { return .complete(test) }
        self.hint = hint
        return nil
    }

    /// `x-name` or `x-name=value`.
    private mutating func header(_ text: String) -> Outcome? {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = Array((parts.first ?? "").utf8)
        guard !name.isEmpty, !name.contains(UInt8(ascii: ":")) else {
            return complete(nil, "header takes x-name or x-name=value")
        }
        let value = parts.count == 2 && !parts[1].isEmpty ? Array(parts[1].utf8) : nil
        return .complete(.header(name, value: value))
    }
}
