import NIOCore

/// When to ping, and when a silent peer is gone.
struct LinkLiveness {
    /// A ping goes out at least this often; the original server wants one within 30 s.
    static let pingInterval = TimeAmount.seconds(10)
    /// A peer from which no byte came for this long is gone.
    static let silenceAtMost = TimeAmount.seconds(30)

    private var lastHeard: NIODeadline
    private var lastPing: NIODeadline

    init(now: NIODeadline) {
        lastHeard = now
        lastPing = now
    }

    mutating func heard(at now: NIODeadline) { lastHeard = now }
    mutating func pinged(at now: NIODeadline) { lastPing = now }

    enum Duty: Equatable { case none, ping, giveUp }

    func duty(at now: NIODeadline) -> Duty {
        if now - lastHeard >= Self.silenceAtMost { return .giveUp }
        return now - lastPing >= Self.pingInterval ? .ping : .none
    }

    /// When ``duty(at:)`` has to be asked again at the latest.
    var next: NIODeadline { min(lastHeard + Self.silenceAtMost, lastPing + Self.pingInterval) }
}
