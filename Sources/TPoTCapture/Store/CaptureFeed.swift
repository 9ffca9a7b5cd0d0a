import TPoTTraffic

/// Moves events from a bus into a store.
package final class CaptureFeed: Sendable {
    private let feed: TrafficFeed

    /// The feed must be the only reader of the bus.
    /// - Parameter onBatch: called on the feed's queue after each batch is in the store. It must be quick.
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

    /// Moves all waiting events and returns when they are in the store.
    package func flush() { feed.flush() }
}
