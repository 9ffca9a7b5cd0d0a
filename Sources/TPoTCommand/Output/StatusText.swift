import TPoTTraffic
import TPoTWire

/// Sentences about events that are not requests, for standard error and for the dashboard's log.
struct StatusText {
    struct Line: Hashable, Sendable {
        var text: String
        var isWarning = false
    }

    private var publicURL = PublicURL()
    /// How the public URL changed when the tunnel last came online; nil before the first time.
    private(set) var urlChange: PublicURL.Change?

    /// The line for a new status of the tunnel; nil when there is nothing to print.
    mutating func line(_ status: TunnelStatus) -> Line? {
        switch status {
        case .online(let url):
            let change = publicURL.online(at: url)
            urlChange = change
            switch change {
            case .first: return Line(text: "connected: \(url)")
            case .same: return Line(text: "connected again, still at \(url)")
            case .changed(let former):
                let text = "THE PUBLIC URL HAS CHANGED to \(url); \(former) no longer leads here"
                return Line(text: text, isWarning: true)
            }
        case .reconnecting(let attempt, let delay, let reason):
            let seconds = "\(delay.nanoseconds / 1_000_000_000).\(delay.nanoseconds / 100_000_000 % 10)"
            let state = urlChange == nil ? "not connected yet" : "offline"
            return Line(
                text: "\(state): \(VisibleText.line(reason)); attempt \(attempt) in \(seconds) s",
                isWarning: true
            )
        case .holding(let isHolding): return Line(text: isHolding ? "traffic is held" : "traffic goes on")
        case .connecting, .roundTrip, .stopped: return nil
        }
    }

    static func targetFailed(_ reason: String) -> Line {
        Line(text: "target \(VisibleText.line(reason))", isWarning: true)
    }
}
