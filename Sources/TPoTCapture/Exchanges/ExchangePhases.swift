import NIOCore

/// The whole time of an exchange, divided among who was waited for. The phases follow one another; their sum is the
/// whole. Nil means that a phase has not begun; one under way lasts until now.
package struct ExchangePhases: Hashable, Sendable {
    /// For the hold to end.
    package var held: TimeAmount
    /// For the target to be connected, in vain perhaps; nil when it was before the request came.
    package var connect: TimeAmount?
    /// For the visitor to send the request.
    package var send: TimeAmount
    /// For the target to begin its answer, which it may never have done.
    package var wait: TimeAmount?
    /// For the answer to pass.
    package var receive: TimeAmount?

    package init(_ times: ExchangeTimes, at now: NIODeadline) {
        let end = times.requestBegan + times.whole(at: now)
        // Each phase begins where the one before ended: an answer may come before the request is complete.
        var from = times.requestBegan
        func until(_ time: NIODeadline) -> TimeAmount {
            let to = min(max(time, from), end)
            defer { from = to }
            return to - from
        }
        held = until(from + times.held(at: now))
        if let connected = times.connected {
            if connected > from { connect = until(connected) }
        } else if times.neededConnection, times.responseBegan == nil {
            // Nothing of the request has reached anybody.
            connect = until(end)
            send = .zero
            return
        }
        send = until(min(times.requestEnded ?? end, times.responseBegan ?? end))
        guard times.requestEnded != nil || times.responseBegan != nil else { return }
        wait = until(times.responseBegan ?? end)
        if times.responseBegan != nil { receive = until(end) }
    }
}
