import Synchronization

/// What waits for the dashboard, from any thread.
///
/// Keys come from a person and messages from what a person asked for; wakes may come with each line of the log, and count
/// once until they have been looked at.
final class DashboardInbox: Sendable {
    enum Event: Sendable {
        case key(Key)
        case keysEnded
        case message(DashboardMessage)
        /// There may be something new in the source or the log.
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

    /// A wake was taken out: what comes from now on needs another one.
    func willLook() { _ = isWaking.exchange(false, ordering: .acquiringAndReleasing) }
}
