import NIOCore
import TPoTTraffic

/// The state of the tunnel according to its events.
package struct TunnelSnapshot: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        /// No event has arrived yet.
        case starting
        case connecting(attempt: Int)
        case online
        case reconnecting(attempt: Int, retryAt: NIODeadline, reason: String)
        case stopped(reason: String)
    }

    package var state = State.starting
    /// The time of the last state change. A further attempt to connect does not count as a change.
    package var since: NIODeadline?
    private var publicURL = PublicURL()
    /// The last public URL, without a final slash. It stays while the link is down.
    package var url: String? { publicURL.current }
    /// The previous URL; nil if it never changed.
    package var formerURL: String?
    package var roundTrip: TimeAmount?
    /// Whether a hold is on, of the whole tunnel or by a filter.
    package var isHolding = false
    /// The filter of the hold, as the user typed it; nil if the whole tunnel is held, or nothing.
    package var heldFilter: String?
    package var target = TargetState.unknown

    mutating func consume(_ status: TunnelStatus, at time: NIODeadline) {
        switch status {
        case .connecting(let attempt):
            if !isOffline { since = time }
            state = .connecting(attempt: attempt)
        case .online(let url):
            if case .changed(let former) = publicURL.online(at: url) { formerURL = former }
            since = time
            state = .online
        case .reconnecting(let attempt, let delay, let reason):
            if !isOffline { since = time }
            roundTrip = nil
            state = .reconnecting(attempt: attempt, retryAt: time + delay, reason: reason)
        case .roundTrip(let amount):
            roundTrip = amount
        case .holding(let isHolding):
            self.isHolding = isHolding
            heldFilter = nil
        case .holdingMatching(let filter):
            isHolding = true
            heldFilter = filter
        case .target(let target):
            self.target = target
        case .stopped(let reason):
            since = time
            state = .stopped(reason: reason)
        }
    }

    private var isOffline: Bool {
        switch state {
        case .connecting, .reconnecting: true
        case .starting, .online, .stopped: false
        }
    }
}
