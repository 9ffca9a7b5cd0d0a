import Dispatch
import NIOConcurrencyHelpers

/// Carries what a bus collects to whoever watches, on a queue of its own, at most 20 times a second.
///
/// Between two batches it sleeps until the bus wakes it: without traffic nothing runs. The first event after a quiet
/// time is carried at once.
package final class TrafficFeed: Sendable {
    private static let interval: UInt64 = 50_000_000

    private let bus: TrafficBus
    private let take: @Sendable (TrafficBus.Batch) -> Void
    private let queue: DispatchQueue
    private let state = NIOLockedValueBox(State())

    private struct State {
        var lastDrain: UInt64 = 0
        /// The emptied array of the last batch.
        var spare: [TrafficEvent] = []
    }

    /// From now on nobody else may drain the bus.
    /// - Parameter take: called on the feed's queue with each batch. It may take its time: only the feed waits for it.
    package init(bus: TrafficBus, label: String, _ take: @escaping @Sendable (TrafficBus.Batch) -> Void) {
        self.bus = bus
        self.take = take
        queue = DispatchQueue(label: label, qos: .utility)
        bus.onFirstEvent { [weak self] in self?.wake() }
    }

    /// Carries what waits and returns when it was taken.
    package func flush() {
        queue.sync { drain() }
    }

    private func wake() {
        let now = DispatchTime.now().uptimeNanoseconds
        let due = state.withLockedValue { $0.lastDrain } + Self.interval
        guard due > now else { return queue.async { self.drainBehindOthers() } }
        queue.asyncAfter(deadline: DispatchTime(uptimeNanoseconds: due)) { self.drainBehindOthers() }
    }

    /// Not for a flush, which runs on its caller's thread.
    private func drainBehindOthers() {
        WatcherPriority.take()
        drain()
    }

    private func drain() {
        var batch = bus.drain(reusing: takeSpare())
        guard !batch.events.isEmpty || batch.lost > 0 else { return }
        take(batch)
        // At once: the events would keep their buffers alive until the next batch.
        batch.events.removeAll(keepingCapacity: true)
        let spare = batch.events
        state.withLockedValue { state in
            state.spare = spare
            state.lastDrain = DispatchTime.now().uptimeNanoseconds
        }
    }

    private func takeSpare() -> [TrafficEvent] {
        state.withLockedValue { state in
            var spare: [TrafficEvent] = []
            swap(&spare, &state.spare)
            return spare
        }
    }
}
