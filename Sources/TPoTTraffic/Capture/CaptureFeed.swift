/// Carries what a bus collects into a store.
package final class CaptureFeed: Sendable {
    private let feed: TrafficFeed

    /// From now on nobody else may drain the bus.
    /// - Parameter onChange: called on the feed's queue after each batch: must only wake somebody.
    package init(bus: TrafficBus, store: CaptureStore, onChange: @escaping @Sendable () -> Void) {
        feed = TrafficFeed(bus: bus, label: "tpot.capture") { batch in
            store.consume(batch)
            onChange()
        }
    }

    /// Carries what waits and returns when it is in the store.
    package func flush() { feed.flush() }
}
