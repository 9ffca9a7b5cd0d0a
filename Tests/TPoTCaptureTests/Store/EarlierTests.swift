import NIOCore
import TPoTTraffic
import TestSupport
import Testing

@testable import TPoTCapture

/// Exchanges of earlier runs, below those of this one.
@Suite struct EarlierTests {
    /// The exchanges of a run of which the history tells: `/1`, `/2`, …, the third of them a replay of the second.
    private static func earlier(_ count: Int = 5) -> [CapturedExchange] {
        let store = testStore()
        var transcript = Transcript()
        for number in 1...count {
            if number == 3 {
                transcript.add(.opened(.replay(of: 2, batch: nil)))
                transcript.add(.targetConnected)
                transcript.request("GET /2 HTTP/1.1\r\nHost: a")
                transcript.answer(200)
                transcript.add(.closed(.targetClosed(complete: true)))
                transcript.conversation += 1
            } else {
                transcript.exchange("/\(number)", status: number == 2 ? 500 : 200, answer: "answer \(number)")
            }
        }
        store.consume(&transcript)
        return (1...UInt64(count)).reversed().compactMap(store.detail)
    }

    /// A store of a later run, with two exchanges.
    private static func store(line: UInt64 = 100, memoryBytes: Int = 64 * 1024 * 1024) -> CaptureStore {
        let clock = TestClock()
        clock.move(to: 3_600_000)
        let store = testStore(memoryBytes: memoryBytes, clock, earlierLine: line)
        var transcript = Transcript()
        transcript.exchange("/now")
        transcript.exchange("/later", status: 404)
        store.consume(&transcript)
        return store
    }

    private static func lines(_ store: CaptureStore, _ filter: String = "") -> [String] {
        store.searched(CaptureQuery(CaptureFilter(filter))).lines.map { line in
            switch line {
            case .earlier: "──"
            case .replay(let row, _): "↻\(row.number)"
            default: "\(line.number)"
            }
        }
    }

    @Test func theyStandBelowALine() {
        let store = Self.store()
        #expect(Self.lines(store) == ["102", "101"])
        #expect(store.addEarlier(Self.earlier()))
        #expect(Self.lines(store) == ["102", "101", "──", "5", "4", "2", "↻3", "1"])
        // They do not count for this run.
        let totals = store.totals()
        #expect(totals.requests == 2 && totals.failing == 1 && totals.failed == 1)
        let page = store.page(count: 1)
        #expect(page.kept == 7 && page.earlier == 5 && page.begun == 2)
        // Each line is found again.
        for (place, line) in store.page(count: 20).lines.enumerated() {
            #expect(store.position(of: line.number).place == place && store.position(of: line.number).isThere)
        }
    }

    /// One after the other, in any order, as they come from the history.
    @Test func theOrderOfComingDoesNotMatter() async {
        let earlier = Self.earlier()
        let refuted = await counterexample(of: "earlier exchanges in any order", rounds: 100) { random in
            let store = Self.store()
            _ = store.page(CaptureQuery(CaptureFilter("get")), count: 10)
            for content in earlier.shuffled(using: &random) { store.addEarlier([content]) }
            for content in earlier.shuffled(using: &random) { store.addEarlier([content]) }
            try require(Self.lines(store, "get") == ["102", "101", "──", "5", "4", "2", "↻3", "1"], "filtered")
            try require(Self.lines(store) == ["102", "101", "──", "5", "4", "2", "↻3", "1"], "all")
        }
        #expect(refuted == nil)
    }

    @Test func filtersFindThem() {
        let store = Self.store()
        #expect(Self.lines(store, "status:500") == [])
        store.addEarlier(Self.earlier())
        #expect(Self.lines(store, "status:500") == ["──", "2", "↻3"])
        #expect(Self.lines(store, "body:answer") == ["──", "5", "4", "2", "↻3", "1"])
        #expect(Self.lines(store, "/now") == ["101"])
    }

    @Test func theyAreTheFirstToGo() {
        let store = Self.store(memoryBytes: 64 * 1024)
        store.addEarlier(Self.earlier())
        var transcript = Transcript()
        transcript.conversation = 50
        for _ in 0..<60 { transcript.exchange("/more", answer: String(repeating: "x", count: 1000)) }
        store.consume(&transcript)
        #expect(store.detail(1) == nil && store.detail(5) == nil && store.page(count: 1).earlier == 0)
        #expect(!Self.lines(store).contains("──"))
    }

    @Test func theyFillHalfOfTheMemoryAtMost() {
        let store = Self.store(memoryBytes: 16 * 1024)
        let many = Self.earlier(60)
        #expect(!store.addEarlier(many))
        #expect(store.totals().keptBytes < 10 * 1024 && store.page(count: 1).earlier > 3)
        #expect(store.detail(60) != nil && store.detail(1) == nil)
    }

    /// What is as the history has it is not written again; what the user changes is.
    @Test func aMarkIsSaved() {
        let store = Self.store()
        store.onUnsaved {}
        store.addEarlier(Self.earlier())
        let own = store.takeUnsaved(100).contents.map(\.number)
        #expect(own.allSatisfy { $0 > 100 })
        store.mark(4)
        #expect(store.takeUnsaved(100).contents.map(\.number) == [4])
    }

    /// A conversation of this run has the same number as one of an earlier run.
    @Test func theirConversationsAreNotThoseOfThisRun() {
        let store = Self.store()
        store.addEarlier(Self.earlier())
        #expect(store.detail(1)?.exchange.conversation == 0)
    }

    @Test func theirTimesAreThoseOfThePast() throws {
        let store = Self.store()
        let old = try #require(Self.earlier().last)
        store.addEarlier([old])
        let new = try #require(store.detail(1))
        #expect(new.row.unixNanoseconds == old.row.unixNanoseconds)
        let (one, other) = (new.exchange.times, old.exchange.times)
        #expect(one.requestBegan < store.clock.read().monotonic)
        let (end, oldEnd) = (try #require(one.ended), try #require(other.ended))
        #expect(one.taken(at: end) == other.taken(at: oldEnd))
    }

    /// A replay of this run moves under its original as that is loaded.
    @Test func aReplayFindsItsOriginal() {
        let store = Self.store()
        var transcript = Transcript()
        transcript.conversation = 70
        transcript.add(.opened(.replay(of: 4, batch: nil)))
        transcript.add(.targetConnected)
        transcript.request("GET /4 HTTP/1.1\r\nHost: a")
        transcript.answer(200)
        transcript.add(.closed(.targetClosed(complete: true)))
        store.consume(&transcript)
        #expect(Self.lines(store) == ["103", "102", "101"])
        store.addEarlier(Self.earlier())
        #expect(Self.lines(store) == ["102", "101", "──", "5", "4", "↻103", "2", "↻3", "1"])
    }
}
