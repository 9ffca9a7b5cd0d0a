import Dispatch
import NIOConcurrencyHelpers

/// Delivers the events of a bus in batches, on its own queue, at most 20 times a second, or 125 times if they are
/// urgent (``TrafficBus/isUrgent``).
///
/// Between batches it sleeps until the bus wakes it: without traffic nothing runs. The first event after a quiet time
/// is delivered at once.
package final class TrafficFeed: Sendable {
    private static let interval: UInt64 = 50_000_000
    private static let urgentInterval: UInt64 = 8_000_000
    /// An emptied array keeps its storage if it has room for at most this many events, or was a quarter full. Otherwise
    /// the storage is freed, so memory taken by a burst is returned.
    private static let sparePlaces = 1024

    /// The clock and timer of a feed. Tests replace them.
    package struct Timing: Sendable {
        /// Monotonic time in nanoseconds.
        package var now: @Sendable () -> UInt64
        /// Runs a closure once on a queue, at or after the given time.
        package var schedule: @Sendable (UInt64, DispatchQueue, @escaping @Sendable () -> Void) -> Void

        package init(
            now: @escaping @Sendable () -> UInt64,
            schedule: @escaping @Sendable (UInt64, DispatchQueue, @escaping @Sendable () -> Void) -> Void
        ) {
            self.now = now
            self.schedule = schedule
        }

        @Sendable private static func systemTime() -> UInt64 { DispatchTime.now().uptimeNanoseconds }

        package static let system = Timing(now: systemTime) { time, queue, body in
            guard time > systemTime() else { return queue.async(execute: body) }
            queue.asyncAfter(deadline: DispatchTime(uptimeNanoseconds: time), execute: body)
        }
    }

    private let bus: TrafficBus
    private let timing: Timing
    private let take: @Sendable (TrafficBus.Batch) -> Void
    private let queue: DispatchQueue
    private let state = NIOLockedValueBox(State())

    private struct State {
        var lastDrain: UInt64?
        /// The emptied array of the last batch.
        var spare: [TrafficEvent] = []
    }

    /// Nothing else may drain the bus from now on.
    /// - Parameter take: called on the feed's queue with each batch. It may be slow: only the feed waits for it.
    package init(
        bus: TrafficBus,
        label: String,
        timing: Timing = .system,
        _ take: @escaping @Sendable (TrafficBus.Batch) -> Void
    ) {
        self.bus = bus
        self.timing = timing
        self.take = take
        queue = DispatchQueue(label: label, qos: .utility)
        bus.onFirstEvent { [weak self] in self?.wake() }
    }

    /// Delivers the waiting events and returns after that.
    package func flush() {
        queue.sync { drain() }
    }

    /// The same with a time limit, for a receiver that may block.
    /// - Returns: false if the events were not delivered within `limit`.
    package func flush(within limit: DispatchTimeInterval) -> Bool {
        let taken = DispatchGroup()
        queue.async(group: taken) { self.drain() }
        return taken.wait(timeout: .now() + limit) == .success
    }

    private func wake() {
        let interval = bus.isUrgent ? Self.urgentInterval : Self.interval
        let due = state.withLockedValue { $0.lastDrain.map { $0 + interval } } ?? 0
        timing.schedule(due, queue) { self.drainBehindOthers() }
    }

    /// Lowers the priority of the queue's thread first. A flush does not: it runs on its caller's thread.
    private func drainBehindOthers() {
        BackgroundPriority.take()
        drain()
    }

    private func drain() {
        var batch = bus.drain(reusing: takeSpare())
        guard !batch.events.isEmpty || batch.lost > 0 else { return }
        take(batch)
        let wasNeeded = batch.events.count >= batch.events.capacity / 4
        // Emptied at once: otherwise the events would keep their buffers alive until the next batch.
        batch.events.removeAll(keepingCapacity: wasNeeded || batch.events.capacity <= Self.sparePlaces)
        let spare = batch.events
        state.withLockedValue { state in
            state.spare = spare
            state.lastDrain = timing.now()
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
