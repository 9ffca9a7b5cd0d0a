import NIOCore

/// When the parts of an exchange passed, in monotonic time.
package struct ExchangeTimes: Hashable, Sendable {
    /// The conversation's beginning; nil where it was lost.
    @OptionalDeadline package var opened: NIODeadline?
    /// The request's head was there.
    package var requestBegan: NIODeadline
    /// Waited for a hold that has ended.
    package var held = TimeAmount.zero
    /// Waits for a hold since.
    @OptionalDeadline package var heldSince: NIODeadline?
    /// Only for what came before it, and for the first exchange of a conversation: later ones find the target connected.
    @OptionalDeadline package var connected: NIODeadline?
    /// The request had to wait for the target to be connected, which it may never have been.
    package var neededConnection = false
    @OptionalDeadline package var requestEnded: NIODeadline?
    /// The head of the final answer.
    @OptionalDeadline package var responseBegan: NIODeadline?
    @OptionalDeadline package var responseEnded: NIODeadline?
    /// The visitor closed its sending half while the answer was due: it has left, or waits for it.
    @OptionalDeadline package var visitorHalfClosed: NIODeadline?
    /// How long the visitor did not take more of the answer.
    package var waitedForVisitor = TimeAmount.zero
    /// How long the target did not take more of the request.
    package var waitedForTarget = TimeAmount.zero
    /// It is over, complete or not.
    @OptionalDeadline package var ended: NIODeadline?

    init(opened: NIODeadline?, requestBegan: NIODeadline) {
        self.requestBegan = requestBegan
        self.opened = opened
    }

    /// From the request's head to the end of the answer, or to `now` while it is under way.
    package func whole(at now: NIODeadline) -> TimeAmount {
        max(.zero, (responseEnded ?? ended ?? now) - requestBegan)
    }

    /// From the request's head to when the visitor left, for an exchange that it left.
    package var visitorStayed: TimeAmount? {
        (visitorHalfClosed ?? ended).map { max(.zero, $0 - requestBegan) }
    }

    /// Waited for the hold, the wait that lasts included.
    package func held(at now: NIODeadline) -> TimeAmount {
        held + (heldSince.map { max(.zero, now - $0) } ?? .zero)
    }

    /// The whole without the wait for the hold: what target and network took.
    package func taken(at now: NIODeadline) -> TimeAmount {
        max(.zero, whole(at: now) - held(at: now))
    }
}

/// A moment that may not have come, in 8 bytes: an optional takes 16, and each exchange has seven of them.
@propertyWrapper
package struct OptionalDeadline: Hashable, Sendable {
    /// No deadline has this: they end with the largest signed number.
    private static let none = UInt64.max

    private var nanoseconds = Self.none

    package init() {}

    package var wrappedValue: NIODeadline? {
        get { nanoseconds == Self.none ? nil : .uptimeNanoseconds(nanoseconds) }
        set { nanoseconds = newValue?.uptimeNanoseconds ?? Self.none }
    }
}

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
