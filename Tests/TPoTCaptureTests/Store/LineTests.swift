import NIOCore
import TPoTCapture
import TPoTTraffic
import TestSupport
import Testing

/// The lines of the list: requests, and replays under them.
@Suite struct LineTests {
    private static func text(_ line: CaptureLine) -> String {
        switch line {
        case .exchange(let row): "\(row.number)"
        case .replay(let row, let isLast): "\(isLast ? "└" : "├")\(row.number)"
        case .replays(let group, let isLast): "\(isLast ? "└" : "├")\(group.first)–\(group.last)"
        case .earlier: "earlier"
        }
    }

    private static func lines(_ store: CaptureStore, _ query: CaptureQuery = CaptureQuery()) -> [String] {
        store.searched(query).lines.map(text)
    }

    private static func replay(
        _ original: UInt64,
        batch: UInt64? = nil,
        _ status: Int,
        answer: String? = nil,
        _ transcript: inout Transcript,
        body: String? = nil
    ) {
        transcript.add(.opened(.replay(of: original, batch: batch)))
        transcript.add(.targetConnected)
        transcript.request("\(body == nil ? "GET" : "POST") / HTTP/1.1\r\nHost: a", body: body)
        transcript.answer(status, body: answer)
        transcript.add(.closed(.targetClosed(complete: true)))
        transcript.conversation += 1
    }

    private static func store(_ body: (inout Transcript) -> Void) -> CaptureStore {
        let store = testStore()
        var transcript = Transcript()
        body(&transcript)
        store.consume(&transcript)
        return store
    }

    @Test func replaysStandUnderTheirOriginal() {
        let store = Self.store { transcript in
            transcript.exchange("/a", status: 500)
            transcript.exchange("/b")
            Self.replay(1, 200, &transcript)
            transcript.exchange("/c")
            // The replay of a replay stands under the same request.
            Self.replay(3, 500, &transcript)
        }
        #expect(Self.lines(store) == ["4", "2", "1", "├3", "└5"])
        for (place, number) in [4, 2, 1, 3, 5].enumerated() {
            #expect(store.position(of: UInt64(number)) == (place, true))
        }
        for from in 0...3 {
            let page = store.page(from: from, count: 2)
            #expect(page.lines.map(Self.text) == Array(["4", "2", "1", "├3", "└5"][from..<from + 2]))
        }
        #expect(Self.lines(store, CaptureQuery(upTo: 3)) == ["2", "1", "└3"])
    }

    /// The failures, a mended handler, a replay: it must be seen exactly when it went well.
    @Test func aReplayIsSeenWhateverTheFilter() {
        let store = Self.store { transcript in
            transcript.exchange("/a", status: 500)
            transcript.exchange("/b")
        }
        let failures = CaptureQuery(CaptureFilter("is:failed"))
        #expect(Self.lines(store, failures) == ["1"])
        #expect(store.totals().failing == 1)
        var transcript = Transcript()
        transcript.conversation = 3
        Self.replay(1, 200, &transcript)
        store.consume(&transcript)
        #expect(Self.lines(store, failures) == ["1", "└3"])
        #expect(store.totals().failing == 0)
        #expect(store.detail(1)?.row.isFixed == true)
        #expect(store.detail(3)?.row.replay?.verdict == .fixed)
        // Only the replay matches: its original is shown, too.
        #expect(Self.lines(store, CaptureQuery(CaptureFilter("is:replay"))) == ["1", "└3"])
    }

    @Test(arguments: [
        (500, 200, ReplayVerdict.fixed), (500, 404, .stillFailing), (200, 500, .regressed), (200, 201, .differs),
    ])
    func aReplayIsComparedWithItsOriginal(before: Int, after: Int, verdict: ReplayVerdict) {
        let store = Self.store { transcript in
            transcript.exchange("/", status: before, answer: "x")
            Self.replay(1, after, answer: "x", &transcript)
        }
        #expect(store.detail(2)?.row.replay == ReplayFacts(edit: nil, verdict: verdict))
    }

    @Test func equalAnswersAreTheSame() {
        let store = Self.store { transcript in
            transcript.exchange("/", answer: "x")
            Self.replay(1, 200, answer: "x", &transcript)
            Self.replay(1, 200, answer: "y", &transcript)
        }
        #expect(store.detail(2)?.row.replay?.verdict == .same)
        #expect(store.detail(3)?.row.replay?.verdict == .differs)
    }

    @Test func whatAnEditChangedIsTold() {
        let store = Self.store { transcript in
            transcript.exchange("/", body: "one\ntwo\nthree")
            Self.replay(1, 200, &transcript, body: "one\n2\nthree")
        }
        #expect(store.detail(2)?.row.replay?.edit == "body 1 line")
    }

    @Test func replaysOfOneOrderAreOneLine() {
        let store = Self.store { transcript in
            transcript.exchange("/a", status: 500)
            for index in 0..<20 { Self.replay(1, batch: 7, index < 18 ? 200 : 500, &transcript) }
            Self.replay(1, 200, &transcript)
            transcript.exchange("/b")
        }
        #expect(Self.lines(store) == ["23", "1", "├2–21", "└22"])
        guard case .replays(let group, _) = store.page(count: 10).lines[2] else {
            Issue.record("no group")
            return
        }
        #expect(group.count == 20 && group.over == 20 && group.verdict == .stillFailing)
        #expect(group.statuses == [.init(status: 200, count: 18), .init(status: 500, count: 2)])
        #expect(store.position(of: 15) == (2, true))
        let expanded = Self.lines(store, CaptureQuery(expanded: [7]))
        #expect(expanded.count == 23 && expanded.last == "└22" && expanded[2] == "├2")
    }

    @Test func withoutTheirOriginalReplaysStandAlone() {
        let store = testStore(memoryBytes: 64 * 1024)
        var transcript = Transcript()
        transcript.exchange("/a")
        Self.replay(1, 200, &transcript)
        Self.replay(1, 200, &transcript)
        store.consume(&transcript)
        store.mark(2)
        store.mark(3)
        for _ in 0..<500 { transcript.exchange("/many") }
        store.consume(&transcript)
        let lines = Self.lines(store, CaptureQuery(CaptureFilter("is:replay")))
        #expect(lines == ["3", "2"])
    }

    @Test func aDeliveryThatComesAgainIsRecognised() {
        let store = testStore()
        var transcript = Transcript()
        func deliver(_ id: String) {
            transcript.open()
            transcript.add(.targetConnected)
            let body = #"{"id":"\#(id)","object":"event","type":"invoice.paid"}"#
            transcript.request(
                "POST / HTTP/1.1\r\nStripe-Signature: t=1,v1=a\r\nContent-Type: application/json",
                body: body
            )
            transcript.answer(200)
            transcript.add(.closed(.targetClosed(complete: true)))
            transcript.conversation += 1
        }
        for id in ["evt_1", "evt_2", "evt_1"] { deliver(id) }
        store.consume(&transcript)
        #expect(store.detail(1)?.row.delivery?.event == "invoice.paid")
        #expect([1, 2, 3].map { store.detail($0)?.row.repetition } == [1, 1, 2])
        #expect(store.list("event:invoice") == [3, 2, 1] && store.list("from:stripe -event:paid").isEmpty)
        #expect(store.list("stripe") == [3, 2, 1], "words look at the sender")
    }

    @Test func listsAreSortedInTheBackground() {
        let store = Self.store { transcript in
            for (status, size) in [(200, 10), (500, 3000), (404, 200)] {
                transcript.exchange("/", status: status, answer: String(repeating: "x", count: size))
            }
            Self.replay(2, 200, &transcript)
        }
        func lines(_ order: CaptureOrder) -> [String] { Self.lines(store, CaptureQuery(order: order)) }
        #expect(lines(CaptureOrder(.size)) == ["2", "└4", "3", "1"])
        #expect(lines(CaptureOrder(.size, isDescending: false)) == ["1", "3", "2", "└4"])
        #expect(lines(CaptureOrder(.status)) == ["2", "└4", "3", "1"])
        #expect(lines(CaptureOrder(.status, isDescending: false)) == ["1", "3", "2", "└4"])
        #expect(lines(.newestFirst) == ["3", "2", "└4", "1"])
    }

    @Test func wordsThatOnlyBodiesHaveAreCounted() {
        let store = Self.store { transcript in
            transcript.exchange("/a", answer: "an invoice")
            transcript.exchange("/b", answer: "nothing")
        }
        let page = store.searched(CaptureQuery(CaptureFilter("invoice")))
        #expect(page.lines.isEmpty)
        let again = store.page(CaptureQuery(CaptureFilter("invoice")), count: 10)
        #expect(again.bodyMatches == BodyMatches(count: 1, isSearching: false, filter: "body:invoice"))
        #expect(store.searched(CaptureQuery(CaptureFilter("b"))).bodyMatches == nil)
    }

    @Test func rowsOfASpanOfTimeAreFound() {
        let store = Self.store { transcript in
            transcript.exchange("/before")
            transcript.time = 5000
            transcript.exchange("/in")
            transcript.time = 9000
            transcript.exchange("/after")
        }
        let span = Transcript.deadline(4000)...Transcript.deadline(8000)
        #expect(store.rows(overlapping: span, limit: 10).map(\.number) == [2])
    }
}
