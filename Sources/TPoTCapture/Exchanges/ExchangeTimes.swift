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
