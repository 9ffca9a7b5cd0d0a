import NIOCore
import TPoTWire
import TestSupport
import Testing

@Suite struct ConversationListTests {
    @Test func aRowShowsTheStateAndTrafficOfItsConversation() throws {
        let store = testStore()
        var transcript = Transcript()
        transcript.open(id: 12)
        transcript.add(.held)
        store.consume(&transcript)
        #expect(store.conversation(1)?.state == .waitsForHold)
        transcript.add(.released)
        transcript.add(.targetConnected, after: 10)
        transcript.get("/a")
        transcript.answer(200, body: "12345")
        transcript.get("/b")
        transcript.add(.visitorPaused(true))
        store.consume(&transcript)
        let row = try #require(store.conversation(1))
        #expect(row.id == 12)
        #expect(row.state == .open)
        #expect(row.requests == 2)
        #expect(row.lastExchange == 2)
        #expect(text(row.lastMethod + row.lastTarget) == "GET/b")
        #expect(row.bytesOut == 26)
        #expect(row.isPausedByVisitor)
        #expect(row.age(at: Transcript.deadline(2010)) == .milliseconds(1010))
        transcript.add(.closed(.closedByUser))
        store.consume(&transcript)
        #expect(store.conversation(1)?.state == .closed(.closedByUser))
        #expect(store.conversation(1)?.isPausedByVisitor == false)
    }

    @Test func openConversationsAndTheLastClosedOnesAreListed() {
        let store = testStore()
        var transcript = Transcript()
        transcript.open(id: 5000)
        transcript.conversation = 2
        for _ in 0..<300 { transcript.exchange() }
        transcript.open(id: 5001)
        store.consume(&transcript)
        let all = store.conversations(count: 1000)
        #expect(all.total == 258)
        #expect(all.rows.map(\.number) == [302] + (46...301).reversed() + [1])
        #expect(store.conversations(from: 1, count: 2).rows.map(\.number) == [301, 300])
        #expect(store.conversations(from: 1000, count: 2).rows.isEmpty)
    }

    @Test func aReusedIDEndsItsPreviousConversation() {
        let store = testStore()
        var transcript = Transcript()
        transcript.open(id: 7)
        transcript.conversation = 2
        transcript.open(id: 7)
        store.consume(&transcript)
        #expect(store.conversation(1)?.state == .closed(nil))
        #expect(store.totals().open == 1)
    }

    /// A 408 on an idle connection is an exchange, but no request.
    @Test func answersToNothingAreNotCountedAsRequests() throws {
        let store = testStore()
        var transcript = Transcript()
        transcript.open(id: 1)
        transcript.get("/a")
        transcript.answer(200)
        transcript.answer(408)
        store.consume(&transcript)
        #expect(store.conversation(1)?.requests == 1)
    }

    /// The printer says nothing about an end that it has not seen.
    @Test func aLostEndIsNotReportedAsTheTunnels() throws {
        let store = testStore()
        var transcript = Transcript()
        transcript.open(id: 1)
        transcript.conversation = 0
        transcript.add(.tunnel(.stopped(reason: "asked to stop")))
        store.consume(&transcript)
        #expect(store.conversation(1)?.state == .closed(nil))
    }
}
