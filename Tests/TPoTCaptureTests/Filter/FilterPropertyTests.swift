import TestSupport
import Testing

@testable import TPoTCapture

/// Random filters: their text must parse to the terms that it was written from.
@Suite struct FilterPropertyTests {
    @Test func writtenTermsParseToTheSameTerms() async {
        let counterexample = await counterexample(of: "filters", rounds: 2000) { random in
            let terms = (0..<random.roll(5)).map { _ in random.term() }
            let blanks = [" ", "  ", "\t", " \t "]
            let text = terms.map { random.written($0) + random.pick(blanks) }.joined()
            let filter = CaptureFilter(random.pick(["", " "]) + text)
            let expected = terms.filter { !$0.needsBody } + terms.filter(\.needsBody)
            try require(filter.terms == expected, "\(text.debugDescription) was read as \(filter.terms)")
            try require(filter.hint == nil, "\(text.debugDescription): \(filter.hint ?? "")")
            try require(filter.needsBodies == expected.contains(where: \.needsBody), text.debugDescription)
        }
        #expect(counterexample == nil)
    }

    /// Every text is a filter, and so is each prefix of it. A negated term finds all other exchanges.
    @Test func anyTextIsAFilter() async throws {
        let store = testStore()
        var transcript = Transcript()
        transcript.exchange("/hook", status: 200, answer: "plain answer")
        transcript.exchange("/\u{e4}?a:1", status: 404, body: "{\"order\": 4711}")
        transcript.exchange("/events", status: 503)
        store.consume(&transcript)
        let numbers = store.list()
        let details = numbers.compactMap { store.detail($0) }
        let counterexample = await counterexample(of: "text as filters", rounds: 800) { random in
            let text = random.typed()
            for end in text.indices {
                let filter = CaptureFilter(String(text[..<end]))
                try require(filter.terms.count <= text[..<end].utf8.count, "\(text.debugDescription): \(filter.terms)")
                try require((filter.hint ?? "").utf8.count < 200, "\(text.debugDescription): \(filter.hint ?? "")")
            }
            let filter = CaptureFilter(text)
            let found = store.list(text)
            let expected = zip(numbers, details).filter { _, detail in
                filter.matches(detail) { needle in
                    [detail.requestBody, detail.responseBody].contains {
                        $0.bytes.map(Self.lowercased).contains(needle)
                    }
                }
            }
            try require(found == expected.map(\.0), "\(text.debugDescription) found \(found)")
            guard filter.terms.count == 1, let term = filter.terms.first else { return }
            var opposite = term
            opposite.isNegated.toggle()
            let others = numbers.filter { !found.contains($0) }
            let foundOthers = store.list(random.written(opposite))
            try require(foundOthers == others, "\(text.debugDescription), negated, found \(foundOthers)")
        }
        #expect(counterexample == nil)
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 { 0x41...0x5a ~= byte ? byte | 0x20 : byte }
}

extension SeededRandom {
    fileprivate mutating func term() -> FilterTerm {
        let words = [
            "hook", "a b", "-x", "status:404", "12:30", "\u{e4}", "e\u{301}", "<>", "http://a", "foo:bar", "'", ":",
        ]
        let word = Array(pick(words).utf8)
        let test: FilterTerm.Test =
            switch roll(13) {
            case 0: .method(Array(pick(["get", "post", "x-y"]).utf8))
            case 1: .status(pick([.codes(404...404), .codes(500...599), .codes(400...999), .none, .waiting]))
            case 2: .path(word)
            case 3: .remote(Array("203.0.113.".utf8))
            case 4: .body(word)
            case 5: .from(word)
            case 6: .event(word)
            case 7: .type(word)
            case 8: .header(Array("x-name".utf8), value: pick([nil, word]))
            case 9: QuantityTest.time(">=1s").map { .took($0) } ?? .word(word)
            case 10: QuantityTest.size(">=1k").map { .size($0) } ?? .word(word)
            case 11: .state(pick(StateTest.allCases))
            default: .word(word)
            }
        return FilterTerm(test: test, isNegated: once(in: 3))
    }

    /// A term in one of its spellings.
    fileprivate mutating func written(_ term: FilterTerm) -> String {
        func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
        func key(_ name: String, _ value: String) -> String {
            pick([name, name.uppercased()]) + ":" + (value.contains(where: \.isWhitespace) ? "\"\(value)\"" : value)
        }
        let body: String =
            switch term.test {
            case .word(let word): "\"\(text(word))\""
            case .method(let method): key("method", text(method))
            case .path(let part): key("path", text(part))
            case .remote(let start): key("remote", text(start))
            case .body(let part): key("body", text(part))
            case .from(let part): key("from", text(part))
            case .event(let part): key("event", text(part))
            case .type(let part): key("type", text(part))
            case .header(let name, let value): key("header", text(name) + (value.map { "=" + text($0) } ?? ""))
            case .took: key("took", pick([">=1s", "1s", "1000ms", ">=1"]))
            case .size: key("size", pick([">=1K", "1k", "1024", "1024B"]))
            case .state(let state): key("is", state.rawValue)
            case .status(.none): key("status", "none")
            case .status(.waiting): key("status", "waiting")
            case .status(.codes(let codes)) where codes.count == 1:
                key("status", pick(["", "=", "=="]) + "\(codes.lowerBound)")
            case .status(.codes(let codes)) where codes.lowerBound == 0: key("status", "<=\(codes.upperBound)")
            case .status(.codes(let codes)) where codes.upperBound == 999: key("status", ">=\(codes.lowerBound)")
            case .status(.codes(let codes)) where codes.count == 10: key("status", "\(codes.lowerBound / 10)x")
            case .status(.codes(let codes)): key("status", "\(codes.lowerBound / 100)" + pick(["", "x", "xx"]))
            }
        return (term.isNegated ? "-" : "") + body
    }

    /// A random text of keys, values, quotes and blanks.
    fileprivate mutating func typed() -> String {
        let pieces = [
            "method:", "status:", "path:", "remote:", "body:", "from:", "event:", "type:", "header:", "took:", "size:",
            "is:", "failed", "content-length", "=", "1s", "1k", "-", "\"", " ", "\t", ":", "hook", "get", "404", "5xx",
            ">=", "<",
            "none", "waiting", "203", "order", "\u{e4}", "e\u{301}", "\r\n", "\u{0}", "\\", "xyz:", "/", "999", ">999",
            "<0",
        ]
        let text = (0..<roll(9)).map { _ in pick(pieces) }.joined()
        return once(in: 3) ? String(decoding: mutate(Array(text.utf8)), as: UTF8.self) : text
    }
}
