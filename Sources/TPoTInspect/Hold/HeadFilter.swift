import NIOCore
import TPoTCapture
import TPoTWire

/// A filter that is decided on the head of a request, before its body has come. A request matches if all terms match.
///
///     words method:POST path:/hook remote:203.0.113. from:stripe header:x-test -word "two words"
///
/// Only ASCII case is ignored. Unlike the filter of the list it refuses what it cannot decide: a hold that silently waits
/// for something else would be worse than none.
package struct HeadFilter: Hashable, Sendable {
    /// A sentence for the user.
    package struct Mistake: Error, Hashable {
        package let text: String
    }

    private enum Test: Hashable {
        /// In the method, the path, the visitor's address, or the name of the sender.
        case word([UInt8])
        case method([UInt8])
        case path([UInt8])
        /// At the beginning of the visitor's address, or of the one that a proxy wrote into the request.
        case remote([UInt8])
        case from([UInt8])
        /// In a line `Name: value`.
        case header([UInt8])
    }

    private struct Term: Hashable {
        var test: Test
        var isNegated: Bool
    }

    private static let keys = ["method", "path", "remote", "from", "header"]
    /// Terms of the list's filter that are known only later, or not at all.
    private static let laterKeys = ["status", "body", "event", "type", "took", "size", "is"]

    /// As typed, without blanks around it.
    package let text: String
    private let terms: [Term]

    package init(_ text: String) throws(Mistake) {
        self.text = text.filter { !$0.isNewline }.trimmingBlanks
        var terms: [Term] = []
        for word in Self.words(self.text) where !word.text.isEmpty { terms.append(try Self.term(word)) }
        guard !terms.isEmpty else { throw Mistake(text: "hold what? path:/hook, for example; p holds everything") }
        self.terms = terms
    }

    // MARK: Matching

    package func matches(_ head: HTTPRequestHead, _ remote: RemoteAddress) -> Bool {
        let request = Request(head, remote)
        return terms.allSatisfy { request.satisfies($0.test) != $0.isNegated }
    }

    /// A request as the terms ask about it. What is expensive is only made if a term needs it.
    private final class Request {
        private let head: HTTPRequestHead
        private let remote: RemoteAddress
        private lazy var bytes = Array(buffer: head.raw)
        private lazy var sender = Delivery(head: bytes, body: []).sender.map { Array($0.utf8) }
        private lazy var addresses: [[UInt8]] = [remote.description, ForwardedAddress.find(in: bytes)]
            .compactMap { $0.map { Array($0.utf8).lowercasedASCII } }

        init(_ head: HTTPRequestHead, _ remote: RemoteAddress) {
            self.head = head
            self.remote = remote
        }

        func satisfies(_ test: Test) -> Bool {
            switch test {
            case .word(let word):
                Array(head.target).contains(ignoringCase: word) || Array(head.methodBytes).contains(ignoringCase: word)
                    || addresses.contains { $0.contains(ignoringCase: word) }
                    || sender?.contains(ignoringCase: word) == true
            case .method(let method): Array(head.methodBytes).lowercasedASCII == method
            case .path(let part): Array(head.target).contains(ignoringCase: part)
            case .remote(let start): addresses.contains { $0.starts(with: start) }
            case .from(let name): sender?.contains(ignoringCase: name) == true
            case .header(let part):
                head.fields.contains { field in
                    (Array(field.name) + Array(": ".utf8) + Array(field.value)).contains(ignoringCase: part)
                }
            }
        }
    }

    // MARK: Parsing

    private struct Word {
        var text = ""
        /// There is a colon before any quotes.
        var hasKey = false
        var hasQuotes = false
        var isNegated = false
    }

    /// Quotes keep blanks in a word, and take the meaning from all characters inside.
    private static func words(_ text: String) -> [Word] {
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
        return words + [word].compactMap { $0 }
    }

    private static func term(_ word: Word) throws(Mistake) -> Term {
        func term(_ test: Test) -> Term { Term(test: test, isNegated: word.isNegated) }
        let parts = word.text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard word.hasKey, parts.count == 2 else { return term(.word(word.text.lowercasedASCII)) }
        let key = String(decoding: String(parts[0]).lowercasedASCII, as: UTF8.self)
        let value = String(parts[1]).lowercasedASCII
        if laterKeys.contains(key) {
            throw Mistake(text: "\(key): is not known when a hold has to decide; what works: \(known)")
        }
        guard keys.contains(key) else {
            // Ports, times and URLs have colons, too.
            guard key.count > 2, key.allSatisfy(\.isLetter), !parts[1].hasPrefix("//") else {
                return term(.word(word.text.lowercasedASCII))
            }
            throw Mistake(text: "no filter \(VisibleText.text(key, limit: 20)): what works: \(known)")
        }
        guard !value.isEmpty else { throw Mistake(text: "\(key): what?") }
        switch key {
        case "method": return term(.method(value))
        case "path": return term(.path(value))
        case "remote": return term(.remote(value))
        case "from": return term(.from(value))
        default: return term(.header(value))
        }
    }

    private static let known = keys.map { "\($0):" }.joined(separator: " ") + ", words and -"
}

extension String {
    fileprivate var trimmingBlanks: String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let start = drop(while: isBlank)
        return String(start.reversed().drop(while: isBlank).reversed())
    }
}
