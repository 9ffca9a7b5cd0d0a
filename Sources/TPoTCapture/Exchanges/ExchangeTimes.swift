import NIOCore

/// The times of an exchange's parts, in monotonic time.
package struct ExchangeTimes: Hashable, Sendable {
    /// The beginning of the conversation; nil if it was lost.
    @OptionalDeadline package var opened: NIODeadline?
    /// The request's head was complete.
    package var requestBegan: NIODeadline
    /// The time spent in holds that have ended.
    package var held = TimeAmount.zero
    /// The start of the current hold.
    @OptionalDeadline package var heldSince: NIODeadline?
    /// The time of the connection to the target. Only exchanges that began before it have it, and the first exchange of
    /// a conversation: later ones find the target connected.
    @OptionalDeadline package var connected: NIODeadline?
    /// The request had to wait for the connection to the target, which may have failed.
    package var neededConnection = false
    @OptionalDeadline package var requestEnded: NIODeadline?
    /// The head of the final answer.
    @OptionalDeadline package var responseBegan: NIODeadline?
    @OptionalDeadline package var responseEnded: NIODeadline?
    /// The visitor closed its sending half before it had the answer. It may have left, or it may be waiting.
    @OptionalDeadline package var visitorHalfClosed: NIODeadline?
    /// How long the answer was paused because the visitor did not read.
    package var waitedForVisitor = TimeAmount.zero
    /// How long the request was paused because the target did not read.
    package var waitedForTarget = TimeAmount.zero
    /// The end of the exchange, complete or not.
    @OptionalDeadline package var ended: NIODeadline?

    package init(opened: NIODeadline?, requestBegan: NIODeadline) {
        self.requestBegan = requestBegan
        self.opened = opened
    }

    /// The time from the request's head to the end of the answer, or to `now` if it has not ended.
    package func whole(at now: NIODeadline) -> TimeAmount {
        max(.zero, (responseEnded ?? ended ?? now) - requestBegan)
    }

    /// The time from the request's head until the visitor left. It makes sense only if the visitor did leave.
    package var visitorStayed: TimeAmount? {
        (visitorHalfClosed ?? ended).map { max(.zero, $0 - requestBegan) }
    }

    /// The time spent in holds, including the current one.
    package func held(at now: NIODeadline) -> TimeAmount {
        held + (heldSince.map { max(.zero, now - $0) } ?? .zero)
    }

    /// The whole time without holds: the time that target and network took.
    package func taken(at now: NIODeadline) -> TimeAmount {
        max(.zero, whole(at: now) - held(at: now))
    }
}

/// An optional deadline in 8 bytes. A normal optional takes 16, and each exchange has seven of them.
@propertyWrapper
package struct OptionalDeadline: Hashable, Sendable {
    /// No deadline has this value, because deadlines end at the largest signed number.
    private static let none = UInt64.max

    private var nanoseconds = Self.none

    package init() {}

    package var wrappedValue: NIODeadline? {
        get { nanoseconds == Self.none ? nil : .uptimeNanoseconds(nanoseconds) }
        set { nanoseconds = newValue?.uptimeNanoseconds ?? Self.none }
    }
}

/// The whole time of an exchange, divided into phases by what it waited for.
/// - The phases follow one another, and their sum is the whole.
/// - Nil means that a phase has not begun.
/// - The current phase lasts until now.
package struct ExchangePhases: Hashable, Sendable {
    /// Waiting for the hold to end.
    package var held: TimeAmount
    /// Waiting for the connection to the target, which may have failed; nil if it existed before the request.
    package var connect: TimeAmount?
    /// Waiting for the visitor to send the request.
    package var send: TimeAmount
    /// Waiting for the target to begin its answer, if it ever did.
    package var wait: TimeAmount?
    /// Waiting for the rest of the answer.
    package var receive: TimeAmount?

    package init(_ times: ExchangeTimes, at now: NIODeadline) {
        let end = times.requestBegan + times.whole(at: now)
        // Each phase begins where the previous one ended, because an answer may come before the request is complete.
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
            // Nothing of the request has reached the target.
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
