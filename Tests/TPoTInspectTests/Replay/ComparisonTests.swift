import NIOCore
import TPoTInspect
import TestSupport
import Testing

@Suite struct ComparisonTests {
    private static func compare(_ old: [String], _ new: [String]) throws -> Comparison {
        let store = testStore()
        var transcript = Transcript()
        for answer in [old, new] {
            transcript.exchange(status: answer == old ? 500 : 200, answer: answer.joined(separator: "\n"))
        }
        store.consume(&transcript)
        return Comparison(try #require(store.detail(1)), try #require(store.detail(2)))
    }

    private static func text(_ lines: [DifferenceLine]) -> [String] {
        lines.map { line in
            switch line.kind {
            case .same: "  \(line.text)"
            case .removed: "- \(line.text)"
            case .added: "+ \(line.text)"
            }
        }
    }

    @Test func statusAndBodyAreCompared() throws {
        let comparison = try Self.compare(["one", "two", "three", "four"], ["one", "2", "three", "four", "five"])
        #expect(comparison.oldStatus == "HTTP/1.1 500 Text")
        #expect(comparison.newStatus == "HTTP/1.1 200 Text")
        #expect(Self.text(comparison.body) == ["  one", "- two", "+ 2", "  three", "  four", "+ five"])
        #expect(!comparison.isSame)
    }

    @Test func jsonIsComparedAsLaidOut() throws {
        let comparison = try Self.compare(["{\"a\":1,\"b\":2}"], ["{\"a\":1,\"b\":3}"])
        #expect(Self.text(comparison.body) == ["  {", "    \"a\": 1,", "-   \"b\": 2", "+   \"b\": 3", "  }"])
    }

    @Test func aDifferenceContainsBothSides() throws {
        let seed = testSeed("differences")
        var random = SeededRandom(seed: seed)
        for _ in 0..<300 {
            let old = (0..<random.next(upTo: 40)).map { _ in "line \(random.next(upTo: 6))" }
            let new = (0..<random.next(upTo: 40)).map { _ in "line \(random.next(upTo: 6))" }
            let lines = try Self.compare(old + ["end of old"], new + ["end of new"]).body
            #expect(lines.filter { $0.kind != .added }.map(\.text) == old + ["end of old"], "seed \(seed)")
            #expect(lines.filter { $0.kind != .removed }.map(\.text) == new + ["end of new"], "seed \(seed)")
        }
    }

    @Test func theNumberOfComparedLinesIsLimited() throws {
        let old = (0..<30_000).map { "old \($0)" }
        let comparison = try Self.compare(old, (0..<30_000).map { "new \($0)" })
        #expect(comparison.body.count == 2 * Comparison.lineLimit)
        #expect(comparison.note?.contains("only the first") == true)
        let similar = try Self.compare(old, old.enumerated().map { $0.offset % 100 == 0 ? "changed" : $0.element })
        #expect(similar.body.filter { $0.kind == .same }.count == 20_000 - 200)
    }
}
