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

    /// The order of members means nothing, and neither does the comma behind the last one.
    @Test func membersAreComparedWhereverTheyStand() throws {
        let comparison = try Self.compare(
            [#"{"id":1,"data":{"a":[1,2,{"x":1,"y":2}],"b":true},"last":null}"#],
            [#"{"data":{"b":true,"a":[1,2,{"y":2,"x":1}]},"last":null,"id":1}"#]
        )
        #expect(comparison.body.allSatisfy { $0.kind == .same })
        let other = try Self.compare(
            [#"{"id":1,"data":{"a":[1,2]},"gone":{"x":1}}"#],
            [#"{"new":5,"data":{"a":[1,3,2]},"id":1.0}"#]
        )
        let changes = Self.text(other.body).filter { !$0.hasPrefix(" ") }.map { $0.filter { $0 != " " && $0 != "," } }
        #expect(changes == [#"-"id":1"#, #"+"id":1.0"#, "+3", #"-"gone":{"#, #"-"x":1"#, "-}", #"+"new":5"#])
    }

    @Test(arguments: [
        (#"{"a":"{\n}]"}"#, #"{"a":"{\n}]"}"#),
        (String(repeating: "[", count: 500), String(repeating: "[", count: 499)),
        (#"{"a": 1"#, #"{"a": 1"#), ("[]", "{}"), (#"{"a":1,"a":2}"#, #"{"a":2,"a":1}"#),
        ("{\"long\":\"" + String(repeating: "}", count: 3000) + "\",\"b\":1}", "{\"b\":1}"),
    ])
    func oddJSONIsComparedByLine(old: String, new: String) throws {
        let comparison = try Self.compare([old], [new])
        #expect(comparison.isSame == (old == new) || comparison.oldStatus != comparison.newStatus)
        #expect(comparison.body.contains { $0.kind != .same } == (old != new))
    }

    /// Items of an array keep their order, even if they are strings that look like members.
    @Test func itemsThatLookLikeMembersKeepTheirOrder() throws {
        let (one, two) = (#""{\"a\": 1}""#, #""{\"b\": 2}""#)
        let comparison = try Self.compare(["[\(one),\(two)]"], ["[\(two),\(one)]"])
        #expect(comparison.body.contains { $0.kind != .same })
        let quoted = try Self.compare([#"{"a\": b":1,"c":2}"#], [#"{"c":2,"a\": b":1}"#])
        #expect(quoted.body.allSatisfy { $0.kind == .same })
    }

    @Test func namesOfFieldsAreComparedWithoutCaseAndOrder() throws {
        let store = testStore()
        var transcript = Transcript()
        let fields = ["X-One: 1|Vary: a|Vary: b", "vary: a|x-one: 1|vary: b", "Vary: b|Vary: a|X-One: 1"]
        for (index, fields) in fields.enumerated() {
            transcript.conversation = UInt64(index + 1)
            transcript.open()
            transcript.add(.targetConnected)
            transcript.request("GET / HTTP/1.1\r\n" + fields.replacing("|", with: "\r\n"))
            transcript.answer(200)
            transcript.add(.closed(.targetClosed(complete: true)))
        }
        store.consume(&transcript)
        let exchanges = try (1...3).map { try #require(store.detail($0)) }
        #expect(Comparison(exchanges[0], exchanges[1], .request).isSame)
        // The order of fields with the same name means something.
        #expect(Self.text(Comparison(exchanges[0], exchanges[2], .request).headers).contains("+ Vary: a"))
    }

    @Test func ofBinaryBodiesTheFirstDifferenceIsTold() throws {
        let old = String(decoding: [0, 1, 2, 3, 4, 5, 6, 7] as [UInt8], as: UTF8.self)
        let new = String(decoding: [0, 1, 2, 3, 4, 9, 6, 7, 8] as [UInt8], as: UTF8.self)
        #expect(try Self.compare([old], [new]).bytes == "bytes 8→9, first difference at byte 5")
        #expect(try Self.compare([old], [old]).bytes == nil)
        #expect(try Self.compare(["text"], ["other"]).bytes == nil)
    }

    /// Two bodies whose captured beginnings are the same may differ.
    @Test func whatIsNotCapturedWholeIsNotComplete() throws {
        let store = testStore(bodyBytes: 4)
        var transcript = Transcript()
        transcript.exchange(answer: "same, then this")
        transcript.exchange(answer: "same, then that")
        store.consume(&transcript)
        let comparison = Comparison(try #require(store.detail(1)), try #require(store.detail(2)))
        #expect(comparison.isSame && !comparison.isComplete)
    }

    /// Whatever the order of the members, nothing is lost and nothing is made up.
    @Test func anOtherOrderIsNoDifference() async {
        let refuted = await counterexample(of: "members in another order", rounds: 100) { random in
            var old: [String] = []
            func value(_ depth: Int, _ isShuffled: Bool, _ seed: UInt64) -> String {
                var random = SeededRandom(seed: seed)
                switch depth > 3 ? 4 : random.next(upTo: 5) {
                case 0, 1:
                    var members = (0..<random.next(upTo: 6)).map { index in
                        "\"k\(index)\":" + value(depth + 1, isShuffled, seed &* 31 &+ index)
                    }
                    if isShuffled { members.reverse() }
                    return "{" + members.joined(separator: ",") + "}"
                case 2:
                    let items = (0..<random.next(upTo: 4)).map { value(depth + 1, isShuffled, seed &* 37 &+ $0) }
                    return "[" + items.joined(separator: ",") + "]"
                default: return "\(random.next(upTo: 100))"
                }
            }
            let seed = random.next(upTo: .max)
            old = [value(0, false, seed), value(0, true, seed)]
            let comparison = try Self.compare([old[0]], [old[1]])
            try require(comparison.body.allSatisfy { $0.kind == .same }, "\(old)")
        }
        #expect(refuted == nil)
    }

    @Test(arguments: [
        (#""amount": 1999,"#, #""amount": 2099,"#, "1999", "2099"),
        ("HTTP/1.1 200 OK", "HTTP/1.1 204 No", "200 OK", "204 No"),
        ("  a b c", "  a x c", "b", "x"), ("same text", "same text and more", "", " and more"),
        ("äöü one", "äöü two", "one", "two"),
    ])
    func whatChangedWithinALineIsFound(old: String, new: String, oldPart: String, newPart: String) throws {
        let parts = try #require(InlineDifference.parts(old, new))
        #expect(String(decoding: Array(old.utf8)[parts.old], as: UTF8.self) == oldPart)
        #expect(String(decoding: Array(new.utf8)[parts.new], as: UTF8.self) == newPart)
    }

    @Test func linesWithLittleInCommonHaveNoMarks() {
        #expect(InlineDifference.parts("one thing", "something else") == nil)
        #expect(InlineDifference.parts("    a", "    b") == nil, "blanks do not count")
        #expect(InlineDifference.parts("same", "same") == nil)
        #expect(InlineDifference.parts(String(repeating: "a ", count: 2000), "a") == nil, "too long")
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
