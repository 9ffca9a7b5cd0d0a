import NIOCore
import TPoTTraffic

/// Knows whether the target is up, from the connections that conversations make. While it is down, a bare connection is
/// tried every two seconds, so that the user sees when it is up again without waiting for a visitor.
///
/// Nothing is tried while the target is up, while no tunnel is up, or after TLS failed: a bare connection says nothing
/// about a certificate. Lives on the tunnel's event loop.
final class TargetWatch {
    static let interval = TimeAmount.seconds(2)

    private let eventLoop: any EventLoop
    /// Connects to the target and closes at once. Calls back on the event loop: with nil if that worked, else with the
    /// reason for the user.
    private let tryConnecting: (@escaping (String?) -> Void) -> Void
    private let publish: (TargetState) -> Void

    private(set) var state = TargetState.unknown
    /// Whether a tunnel is up.
    private var isOnline = false
    /// TLS failed last, so only a conversation can find out that the target is up.
    private var isTLSFailure = false
    private var timer: Scheduled<Void>?
    private var isTrying = false

    init(
        eventLoop: any EventLoop,
        tryConnecting: @escaping (@escaping (String?) -> Void) -> Void,
        publish: @escaping (TargetState) -> Void
    ) {
        self.eventLoop = eventLoop
        self.tryConnecting = tryConnecting
        self.publish = publish
    }

    /// A connection to the target was made.
    func connected() {
        guard state != .up else { return }
        isTLSFailure = false
        stopTrying()
        state = .up
        publish(state)
    }

    /// A connection to the target could not be made.
    /// - Parameter isOfTLS: the target took the connection, and TLS failed on it.
    func failed(_ reason: String, isOfTLS: Bool) {
        isTLSFailure = isOfTLS
        let since = if case .down(let since, _) = state { since } else { eventLoop.now }
        let new = TargetState.down(since: since, reason: reason)
        if state != new {
            state = new
            publish(new)
        }
        tryLater()
    }

    func tunnelIsUp() {
        isOnline = true
        if state.isDown { tryNow() }
    }

    func tunnelIsDown() {
        isOnline = false
        stopTrying()
    }

    private func tryLater() {
        guard isOnline, state.isDown, !isTLSFailure, !isTrying, timer == nil else { return }
        timer = eventLoop.assumeIsolated().scheduleTask(in: Self.interval) { self.tryNow() }
    }

    private func tryNow() {
        stopTrying()
        guard isOnline, state.isDown, !isTLSFailure, !isTrying else { return }
        isTrying = true
        tryConnecting { reason in
            self.isTrying = false
            // A conversation may have found out meanwhile, or TLS may have failed for it.
            guard self.state.isDown, !self.isTLSFailure else { return }
            if let reason { self.failed(reason, isOfTLS: false) } else { self.connected() }
        }
    }

    private func stopTrying() {
        timer?.cancel()
        timer = nil
    }
}
