import NIOCore
import TPoTTraffic
import TPoTWire
import TestSupport
import Testing

@Suite struct TotalsTests {
    @Test func conversationsRequestsAndBytesAreCounted() {
        let store = testStore()
        var transcript = Transcript()
        transcript.exchange(body: "12345", answer: "123")
        transcript.open(id: 2)
        transcript.get()
        store.consume(&transcript)
        let totals = store.totals()
        #expect(totals.open == 1)
        #expect(totals.mostOpen == 1)
        #expect(totals.conversations == 2)
        #expect(totals.requests == 2)
        #expect(totals.waiting == 1)
        #expect(totals.bytesIn == 28 + 5 + 27)
        #expect(totals.bytesOut == 21 + 3)
    }

    @Test func percentilesMatchKnownDurations() throws {
        let store = testStore()
        var transcript = Transcript()
        for milliseconds in 1...100 {
            transcript.open(id: 1)
            transcript.get()
            transcript.add(.responseHead(Array("HTTP/1.1 200 OK\r\n\r\n".utf8)), after: milliseconds)
            transcript.add(.responseEnd)
            transcript.add(.closed(.visitorClosed))
            transcript.conversation += 1
        }
        store.consume(&transcript)
        let percentiles = try #require(store.totals().percentiles)
        #expect(abs(percentiles.p50.nanoseconds - 50_000_000) < 1_000_000)
        #expect(abs(percentiles.p90.nanoseconds - 90_000_000) < 1_500_000)
        #expect(abs(percentiles.p99.nanoseconds - 99_000_000) < 1_500_000)
    }

    @Test func holdsAndIncompleteAnswersDoNotCountAsTimeTaken() throws {
        let store = testStore()
        var transcript = Transcript()
        transcript.open()
        transcript.add(.held)
        transcript.get()
        transcript.add(.released, after: 60_000)
        transcript.add(.targetConnected)
        transcript.answer(200)
        transcript.get("/cut")
        transcript.add(.closed(.visitorClosed), after: 10_000)
        store.consume(&transcript)
        #expect(try #require(store.totals().percentiles).p99 <= .milliseconds(1))
    }

    /// The duration of an event stream shows how long the visitor listened, not how long an answer takes.
    @Test func anEventStreamDoesNotCountAsTimeTaken() throws {
        let store = testStore()
        var transcript = Transcript()
        transcript.open()
        transcript.add(.targetConnected)
        for fields in ["", "Content-Type: text/event-stream; charset=utf-8\r\n"] {
            transcript.get()
            transcript.answer(fields: fields, body: "data: 1\n\n", ends: false)
            transcript.add(.responseEnd, after: fields.isEmpty ? 5 : 900_000)
        }
        store.consume(&transcript)
        #expect(try #require(store.totals().percentiles).p99 <= .milliseconds(6))
    }

    @Test func ratesMoveWithTheClock() {
        let clock = TestClock()
        let store = testStore(clock)
        var transcript = Transcript()
        transcript.time = 100_000
        for _ in 0..<3 { transcript.exchange() }
        transcript.time = 102_500
        transcript.exchange()
        store.consume(&transcript)
        clock.move(to: 102_900)
        #expect(store.totals().rates == Array(repeating: 0, count: 57) + [3, 0, 1])
        clock.move(to: 103_100)
        #expect(store.totals().requestsPerSecond == 1)
        clock.move(to: 161_500)
        #expect(store.totals().rates == [0, 1].dropFirst() + Array(repeating: 0, count: 59))
        clock.move(to: 500_000)
        #expect(store.totals().rates.allSatisfy { $0 == 0 })
    }

    @Test func lostEventsAreCounted() {
        let store = testStore()
        store.consume([], lost: 17)
        store.consume([], lost: 3)
        #expect(store.totals().lost == 20)
    }

    @Test func theTunnelSnapshotFollowsItsEvents() {
        let store = testStore()
        var transcript = Transcript()
        transcript.add(.tunnel(.connecting(attempt: 1)))
        transcript.add(.tunnel(.online(url: "https://a.example")), after: 100)
        transcript.add(.tunnel(.roundTrip(.milliseconds(23))), after: 100)
        store.consume(&transcript)
        #expect(store.tunnel.state == .online)
        #expect(store.tunnel.since == Transcript.deadline(1100))
        #expect(store.tunnel.roundTrip == .milliseconds(23))
        transcript.add(.tunnel(.reconnecting(attempt: 1, delay: .seconds(2), reason: "gone")), after: 100)
        transcript.add(.tunnel(.holding(true)))
        store.consume(&transcript)
        #expect(store.tunnel.url == "https://a.example")
        #expect(store.tunnel.isHolding)
        #expect(store.tunnel.heldFilter == nil)
        #expect(store.tunnel.target == .unknown)
        let down = TargetState.down(since: Transcript.deadline(1400), reason: "connection refused")
        transcript.add(.tunnel(.target(down)))
        transcript.add(.tunnel(.holdingMatching("POST")))
        store.consume(&transcript)
        #expect(store.tunnel.target == down)
        #expect(store.tunnel.isHolding)
        #expect(store.tunnel.heldFilter == "POST")
        transcript.add(.tunnel(.target(.up)))
        transcript.add(.tunnel(.holding(false)))
        store.consume(&transcript)
        #expect(store.tunnel.target == .up)
        #expect(store.tunnel.heldFilter == nil)
        #expect(
            store.tunnel.state == .reconnecting(attempt: 1, retryAt: Transcript.deadline(3300), reason: "gone")
        )
        transcript.add(.tunnel(.online(url: "https://b.example")))
        store.consume(&transcript)
        #expect(store.tunnel.formerURL == "https://a.example")
    }
}
