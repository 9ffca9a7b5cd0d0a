import NIOCore
import TPoTTraffic
import TPoTWire

/// One request with its response, as far as it has passed. Heads and bodies are not in it: only what a line shows.
package struct Exchange: Hashable, Sendable {
    /// Bytes of a method or a request-target that are kept here; the head has them whole.
    package static let methodLimit = 64
    package static let targetLimit = 8192

    /// 1, 2, 3, … in the order in which the requests came; never reused within a run.
    package let number: UInt64
    package let conversation: ConversationNumber
    /// Nil where the beginning of the conversation was lost.
    package let origin: ConversationOrigin?
    /// The visitor's address as a proxy in front wrote it into the request. Anyone can write it: for display only.
    package var via: String?
    /// Empty when no request was seen: an answer that nobody asked for, or bytes that are not HTTP.
    package var method: [UInt8] = []
    /// The request-target as it stood in the request line; empty when no request was seen.
    package var target: [UInt8] = []
    /// Of the final answer.
    package var status: Int?
    package var state: ExchangeState
    package var times: ExchangeTimes
    /// Bytes from the visitor: head, and body as on the wire; after an upgrade everything.
    package var bytesIn = 0
    /// Bytes to the visitor, interim heads included.
    package var bytesOut = 0
    /// After a 101, or a 2xx to CONNECT, or what never was HTTP: it lives until the conversation is over.
    package var isOpaque = false

    /// As the server saw it; nil for a replay, and where it was lost.
    package var remote: RemoteAddress? {
        guard case .visitor(_, let remote) = origin else { return nil }
        return remote
    }

    /// The status that the visitor got: the target's, or that of the server where the target could not be reached.
    package var visitorStatus: Int? {
        guard status == nil, replayOf == nil else { return status }
        switch state {
        case .aborted(.targetNotConnected), .aborted(.targetNotSecured): return 503
        default: return nil
        }
    }

    /// The exchange that this one sends again.
    package var replayOf: UInt64? {
        guard case .replay(let original) = origin else { return nil }
        return original
    }
}

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
