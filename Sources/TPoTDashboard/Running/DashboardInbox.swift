import Synchronization

/// The dashboard's event queue, filled from any thread.
///
/// Keys and messages need no limit: they come only as fast as a person acts.
/// Wakes may come with each line of the log, so at most one is in the queue.
final class DashboardInbox: Sendable {
    enum Event: Sendable {
        case key(Key)
        case keysEnded
        case message(DashboardMessage)
        /// The source or the log may have changed.
        case wake
    }

    let events: AsyncStream<Event>
    private let continuation: AsyncStream<Event>.Continuation
    private let isWaking = Atomic(false)

    init() {
        (events, continuation) = AsyncStream.makeStream(of: Event.self)
    }

    func add(_ event: Event) { continuation.yield(event) }

    func wake() {
        let wasWaking = isWaking.exchange(true, ordering: .acquiringAndReleasing)
        if !wasWaking { continuation.yield(.wake) }
    }

    /// To be called when a wake was taken from the queue: later changes need a new one.
    func acceptNextWake() { _ = isWaking.exchange(false, ordering: .acquiringAndReleasing) }
}
