import NIOCore
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
    private var targetDownSince: NIODeadline?
    /// How long the target was down before it came up; nil if it is down, or never was.
    private(set) var targetWasDownFor: TimeAmount?

    /// The line for a new status of the tunnel; nil when there is nothing to print.
    /// - Parameter time: when the tunnel got this status.
    mutating func line(_ status: TunnelStatus, at time: NIODeadline) -> Line? {
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
        case .holdingMatching(let filter):
            return Line(text: "requests that match \(VisibleText.line(filter)) are held")
        case .target(let state): return line(state, at: time)
        case .connecting, .roundTrip, .stopped: return nil
        }
    }

    /// That the target is down needs no line, because the request that could not be delivered has one.
    private mutating func line(_ target: TargetState, at time: NIODeadline) -> Line? {
        if case .down(let since, _) = target {
            targetDownSince = since
            targetWasDownFor = nil
            return nil
        }
        targetWasDownFor = targetDownSince.map { time - $0 }
        targetDownSince = nil
        return targetWasDownFor.map { Line(text: "the target is up again after \(Self.duration($0))") }
    }

    /// `0.4 s`, `12 s`, `3 min`, `2 h`.
    private static func duration(_ amount: TimeAmount) -> String {
        let seconds = amount.nanoseconds / 1_000_000_000
        switch seconds {
        case ..<10: return "\(seconds).\(amount.nanoseconds / 100_000_000 % 10) s"
        case ..<120: return "\(seconds) s"
        case ..<7200: return "\(seconds / 60) min"
        default: return "\(seconds / 3600) h"
        }
    }

    static func targetFailed(_ reason: String) -> Line {
        Line(text: "target \(VisibleText.line(reason))", isWarning: true)
    }
}
