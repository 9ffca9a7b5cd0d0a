import Dispatch
import NIOConcurrencyHelpers
import NIOCore
import TPoTCapture
import TPoTTraffic
import TPoTWire
import TestSupport
import Testing

@Suite struct CaptureFeedTests {
    @Test func publishedEventsReachTheStore() async {
        let bus = TrafficBus(bodyLimit: 100)
        let store = testStore()
        let (changes, changed) = AsyncStream<Void>.makeStream()
        let feed = CaptureFeed(bus: bus, store: store) { _ in changed.yield() }
        var transcript = Transcript()
        transcript.exchange()
        for event in transcript.take() { bus.publish(event) }
        for await _ in changes where store.detail(1)?.exchange.state == .finished { break }
        #expect(store.totals().requests == 1)
        withExtendedLifetime(feed) {}
    }

    @Test func aFlushDoesNotWaitForTheNextBatch() {
        let bus = TrafficBus(bodyLimit: 100)
        let store = testStore()
        let feed = CaptureFeed(bus: bus, store: store) { _ in }
        var transcript = Transcript()
        for _ in 0..<100 {
            transcript.exchange()
            for event in transcript.take() { bus.publish(event) }
            feed.flush()
        }
        #expect(store.totals().requests == 100)
    }

    @Test func eventsAreBatchedAndAQuietFeedHasNoTimer() {
        let bus = TrafficBus(bodyLimit: 100)
        let store = testStore()
        let time = FeedTime()
        let batches = NIOLockedValueBox(0)
        let feed = CaptureFeed(bus: bus, store: store, timing: time.timing) { _ in batches.withLockedValue { $0 += 1 } }
        var transcript = Transcript()
        func publish() {
            transcript.exchange()
            for event in transcript.take() { bus.publish(event) }
        }
        // The first event after a quiet time is moved at once, the following ones 50 ms later.
        for millisecond in 0..<300 {
            time.move(to: millisecond)
            publish()
        }
        #expect(batches.withLockedValue { $0 } == 6)
        time.move(to: 350)
        #expect(batches.withLockedValue { $0 } == 7)
        #expect(store.totals().requests == 300)
        time.move(to: 10_000)
        #expect(batches.withLockedValue { $0 } == 7)
        #expect(!time.hasTimer)
        publish()
        time.move(to: 10_000)
        #expect(store.totals().requests == 301)
        withExtendedLifetime(feed) {}
    }

    @Test func aFullInboxReportsLostEvents() {
        let bus = TrafficBus(bodyLimit: 100, limits: .init(events: 10))
        let store = testStore()
        let feed = CaptureFeed(bus: bus, store: store) { _ in }
        var transcript = Transcript()
        for _ in 0..<1000 { transcript.exchange() }
        for event in transcript.take() { bus.publish(event) }
        feed.flush()
        #expect(store.totals().lost > 0)
    }
}

/// A clock that only the test moves. Moving it runs all due work before it returns.
private final class FeedTime: Sendable {
    private struct State {
        var now: UInt64 = 0
        var work: [(time: UInt64, queue: DispatchQueue, body: @Sendable () -> Void)] = []
    }

    private let state = NIOLockedValueBox(State())

    var hasTimer: Bool { state.withLockedValue { !$0.work.isEmpty } }

    @Sendable private func now() -> UInt64 { state.withLockedValue { $0.now } }

    var timing: TrafficFeed.Timing {
        TrafficFeed.Timing(now: now) { time, queue, body in
            self.state.withLockedValue { $0.work.append((time, queue, body)) }
        }
    }

    func move(to milliseconds: Int) {
        let due = state.withLockedValue { state in
            state.now = UInt64(milliseconds) * 1_000_000
            let due = state.work.filter { $0.time <= state.now }
            state.work.removeAll { $0.time <= state.now }
            return due
        }
        for work in due { work.queue.sync(execute: work.body) }
    }
}
