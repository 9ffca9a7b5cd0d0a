import TPoTWire

/// How far an exchange has come.
package enum ExchangeState: Hashable, Sendable {
    case waitsForHold
    /// The target is not connected yet.
    case connecting
    /// No head of a final answer has come.
    case waitingForAnswer
    /// The answer is under way, or complete while the request is still being sent.
    case streaming
    /// Bytes pass that are not interpreted, after an upgrade or because they are not HTTP.
    case upgraded
    case finished
    case aborted(ExchangeAbort)

    package var isOver: Bool {
        switch self {
        case .finished, .aborted: true
        default: false
        }
    }

    /// No final answer has begun.
    @inline(__always)
    package var isWaiting: Bool {
        switch self {
        case .waitsForHold, .connecting, .waitingForAnswer: true
        default: false
        }
    }
}

/// Why an exchange is over without a complete answer.
package enum ExchangeAbort: Hashable, Sendable {
    case visitorGone
    /// The visitor has closed its half, and nobody knows what it has taken of the answer.
    case visitorGoneUnsure
    /// The text is for the user.
    case targetNotConnected(String?)
    /// TLS failed; the text is for the user.
    case targetNotSecured(String?)
    /// The target closed or reset before the answer was complete; the text is the system's, where it gave one.
    case targetGone(String?)
    case tunnelLost
    /// Where the answer ends could not be told, for this reason; nil where an answer before it on the same connection was
    /// such a one.
    case answerUnread(HTTPResponseFault?)
    /// The text says which.
    case limit(String)
    case closedByUser
    /// Events are missing, and with them how it ended.
    case eventsLost
}

extension ExchangeAbort {
    /// For the user. It may hold text from the network.
    package var text: String {
        switch self {
        case .visitorGone: "the visitor left"
        case .visitorGoneUnsure: "the visitor left, perhaps before it had the answer"
        case .targetNotConnected(let reason), .targetNotSecured(let reason):
            reason ?? "the target could not be connected"
        case .targetGone(let reason):
            "the target closed before the answer was complete" + (reason.map { ": \($0)" } ?? "")
        case .tunnelLost: "the tunnel was lost"
        case .answerUnread(let fault?): "the answer could not be read: \(fault.reason)"
        case .answerUnread(nil): "not read: an answer before it on this connection could not be"
        case .limit(let text): text
        case .closedByUser: "closed from the dashboard"
        case .eventsLost: "not seen to its end: events were lost"
        }
    }
}
