import NIOCore
import TPoTCapture
import TPoTWire

/// The state of the tunnel in a word and a sign, so that it is never told by colour alone.
struct TunnelStateText {
    let sign: String
    let word: String
    /// The attempt and how long until it; empty when there is none to tell of.
    let detail: String
    let role: StyleRole
    /// Why it is not online; empty when it is.
    let reason: String

    init(_ tunnel: TunnelSnapshot, at now: NIODeadline) {
        switch tunnel.state {
        case .starting:
            (sign, word, detail, role, reason) = ("○", "starting", "", .dim, "")
        case .connecting(let attempt):
            (sign, word, role, reason) = ("○", "connecting", .warning, "")
            detail = attempt > 1 ? "attempt \(attempt)" : ""
        case .online where tunnel.isHolding:
            (sign, word, detail, role, reason) = ("■", "held", "", .held, "")
        case .online:
            (sign, word, detail, role, reason) = ("●", "online", "", .success, "")
        case .reconnecting(let attempt, let retryAt, let why):
            let left = max(0, (retryAt - now).nanoseconds)
            let seconds = (left + 999_999_999) / 1_000_000_000
            // Without a URL there has been no connection yet.
            word = tunnel.url == nil ? "waiting" : "reconnecting"
            (sign, role, reason) = ("○", .failure, VisibleText.text(why, limit: 200))
            detail = "attempt \(attempt) in \(seconds) s"
        case .stopped(let why):
            (sign, word, detail, role) = ("✗", "stopped", "", .failure)
            reason = VisibleText.text(why, limit: 200)
        }
    }

    /// All but the reason.
    var text: String { "\(sign) \(word)" + (detail.isEmpty ? "" : ", \(detail)") }
}
