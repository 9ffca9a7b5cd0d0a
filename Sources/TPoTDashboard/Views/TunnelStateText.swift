import NIOCore
import TPoTCapture
import TPoTWire

/// The state of the tunnel as a sign and a word, because colour alone is not enough.
struct TunnelStateText {
    let sign: String
    let word: String
    /// The attempt and the seconds until it, or the filter of the hold; empty if there is none.
    let detail: String
    let role: StyleRole
    /// Why the tunnel is not online; empty if it is or if no reason is known.
    let reason: String

    init(_ tunnel: TunnelSnapshot, at now: NIODeadline) {
        switch tunnel.state {
        case .starting:
            (sign, word, detail, role, reason) = ("○", "starting", "", .dim, "")
        case .connecting(let attempt):
            (sign, word, role, reason) = ("○", "connecting", .waiting, "")
            detail = attempt > 1 ? "attempt \(attempt)" : ""
        case .online where tunnel.heldFilter != nil:
            (sign, word, role, reason) = ("■", "holding", .held, "")
            detail = VisibleText.text(tunnel.heldFilter ?? "", limit: 40)
        case .online where tunnel.isHolding:
            (sign, word, detail, role, reason) = ("■", "held", "", .held, "")
        case .online:
            (sign, word, detail, role, reason) = ("●", "online", "", .success, "")
        case .reconnecting(let attempt, let retryAt, let why):
            let left = max(0, (retryAt - now).nanoseconds)
            let seconds = (left + 999_999_999) / 1_000_000_000
            // Without a URL, the tunnel has never been online.
            word = tunnel.url == nil ? "waiting" : "reconnecting"
            (sign, role, reason) = ("○", .failure, VisibleText.text(why, limit: 200))
            detail = "attempt \(attempt) in \(seconds) s"
        case .stopped(let why):
            (sign, word, detail, role) = ("✗", "stopped", "", .failure)
            reason = VisibleText.text(why, limit: 200)
        }
    }

    /// The detail with what joins it to the word; empty if there is none.
    var joinedDetail: String { detail.isEmpty ? "" : (role == .held ? " " : ", ") + detail }

    /// Everything but the reason.
    var text: String { "\(sign) \(word)" + joinedDetail }
}
