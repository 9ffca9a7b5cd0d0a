import TPoTTraffic

/// Carries what a bus collects into a store.
package final class CaptureFeed: Sendable {
    private let feed: TrafficFeed

    /// From now on nobody else may drain the bus.
    /// - Parameter onBatch: called on the feed's queue with each batch when it is in the store: must not take long.
    package init(
        bus: TrafficBus,
        store: CaptureStore,
        timing: TrafficFeed.Timing = .system,
        onBatch: @escaping @Sendable (TrafficBus.Batch) -> Void
    ) {
        feed = TrafficFeed(bus: bus, label: "tpot.capture", timing: timing) { batch in
            store.consume(batch)
            onBatch(batch)
        }
    }

    /// Carries what waits and returns when it is in the store.
    package func flush() { feed.flush() }
}
