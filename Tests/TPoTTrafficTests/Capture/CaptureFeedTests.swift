import Dispatch
import NIOConcurrencyHelpers
import NIOCore
import TPoTTraffic
import TPoTWire
import TestSupport
import Testing

@Suite struct CaptureFeedTests {
    @Test func whatIsPublishedIsInTheStore() async {
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

    @Test func aFlushWaitsForNothing() {
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

    @Test func batchesAreFewAndQuietTimesAreQuiet() async throws {
        let bus = TrafficBus(bodyLimit: 100)
        let store = testStore()
        let batches = NIOLockedValueBox(0)
        let feed = CaptureFeed(bus: bus, store: store) { _ in batches.withLockedValue { $0 += 1 } }
        let start = NIODeadline.now()
        var transcript = Transcript()
        while NIODeadline.now() - start < .milliseconds(300) {
            transcript.exchange()
            for event in transcript.take() { bus.publish(event) }
            try await Task.sleep(for: .milliseconds(1))
        }
        feed.flush()
        let passed = NIODeadline.now() - start
        let busy = batches.withLockedValue { $0 }
        #expect(busy <= Int(passed.nanoseconds / 50_000_000) + 2)
        try await Task.sleep(for: .milliseconds(200))
        #expect(batches.withLockedValue { $0 } == busy)
    }

    @Test func anInboxThatIsFullIsTold() {
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
