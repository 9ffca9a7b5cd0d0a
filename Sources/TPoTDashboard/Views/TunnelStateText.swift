import NIOCore
import TPoTTraffic

/// The state of the tunnel in a word and a sign, so that it is never told by colour alone.
struct TunnelStateText {
    let sign: String
    let word: String
    let role: StyleRole
    /// Why it is not online; empty when it is.
    let reason: String

    init(_ tunnel: TunnelSnapshot, at now: NIODeadline) {
        switch tunnel.state {
        case .starting:
            (sign, word, role, reason) = ("○", "starting", .dim, "")
        case .connecting(let attempt):
            let word = attempt > 1 ? "connecting, attempt \(attempt)" : "connecting"
            (sign, self.word, role, reason) = ("○", word, .warning, "")
        case .online where tunnel.isHolding:
            (sign, word, role, reason) = ("■", "held", .held, "")
        case .online:
            (sign, word, role, reason) = ("●", "online", .success, "")
        case .reconnecting(let attempt, let retryAt, let why):
            let left = max(0, (retryAt - now).nanoseconds)
            let seconds = (left + 999_999_999) / 1_000_000_000
            sign = "○"
            word = "reconnecting, attempt \(attempt) in \(seconds) s"
            role = .failure
            reason = VisibleText.text(why, limit: 200)
        case .stopped(let why):
            (sign, word, role, reason) = ("✗", "stopped", .failure, VisibleText.text(why, limit: 200))
        }
    }
}
