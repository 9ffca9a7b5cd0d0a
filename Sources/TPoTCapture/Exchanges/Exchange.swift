import NIOCore
import TPoTTraffic
import TPoTWire

/// One request with its response, as far as they have passed. It holds what a row shows, without heads and bodies.
package struct Exchange: Hashable, Sendable {
    /// The most bytes of a method and of a request-target that are kept here. The head has them whole.
    package static let methodLimit = 64
    package static let targetLimit = 8192

    /// 1, 2, 3, … in order of arrival; never reused within a run.
    package let number: UInt64
    package var conversation: ConversationNumber
    /// Nil if the beginning of the conversation was lost.
    package let origin: ConversationOrigin?
    /// The visitor's address as a proxy in front of the server wrote it into the request. For display only, because
    /// visitors can forge it.
    package var via: String?
    /// Empty if no request was seen: an answer without a request, or bytes that are not HTTP.
    package var method: [UInt8] = []
    /// The request-target as in the request line; empty if no request was seen.
    package var target: [UInt8] = []
    /// The status of the final answer; nil if none was read.
    package var status: Int?
    package var state: ExchangeState
    package var times: ExchangeTimes
    /// Bytes from the visitor: the head and the body as on the wire, and everything after an upgrade.
    package var bytesIn = 0
    /// Bytes to the visitor, interim heads included.
    package var bytesOut = 0
    /// True after a 101, after a 2xx to CONNECT, or for bytes that never were HTTP. Such an exchange lasts until the
    /// conversation ends.
    package var isOpaque = false
    /// The hold by filter that makes the request wait, as two times its number, and one more if it matches the filter. 0 if
    /// there is none. An optional value would take twice the memory.
    var packedHold: UInt64 = 0
    /// The user edited the request while it was held. The target got what is captured.
    package var isEdited = false

    package init(
        number: UInt64,
        conversation: ConversationNumber,
        origin: ConversationOrigin?,
        via: String? = nil,
        state: ExchangeState,
        times: ExchangeTimes
    ) {
        self.number = number
        self.conversation = conversation
        self.origin = origin
        self.via = via
        self.state = state
        self.times = times
    }

    /// The visitor's address as the server saw it; nil for a replay, or if it was lost.
    package var remote: RemoteAddress? {
        guard case .visitor(_, let remote) = origin else { return nil }
        return remote
    }

    /// The status that the visitor got: the target's, or the server's 503 if the target could not be reached.
    package var visitorStatus: Int? {
        guard status == nil, replayOf == nil else { return status }
        switch state {
        case .aborted(.targetNotConnected), .aborted(.targetNotSecured): return 503
        default: return nil
        }
    }

    /// Why the request waits, while it does so because of a hold by filter.
    package var hold: RequestHold? {
        get { packedHold == 0 ? nil : RequestHold(id: packedHold >> 1, isMatch: packedHold & 1 == 1) }
        set { packedHold = newValue.map { $0.id << 1 | ($0.isMatch ? 1 : 0) } ?? 0 }
    }

    /// The request is held, and its visitor closed its sending half so much later that it has most likely left. The tunnel
    /// judges likewise when the hold ends, and then does not deliver the request.
    package var seemsGivenUp: Bool {
        guard state == .waitsForHold, let closed = times.visitorHalfClosed else { return false }
        return closed - times.requestBegan > .milliseconds(500)
    }

    /// The exchange that this one sends again.
    package var replayOf: UInt64? {
        guard case .replay(let original, _) = origin else { return nil }
        return original
    }

    /// The batch of replays that this one belongs to.
    var batch: UInt64? {
        guard case .replay(_, let batch) = origin else { return nil }
        return batch
    }

    /// It ended, and nothing bad is known of it.
    var wentWell: Bool { state == .finished && !isFailed }

    /// The exchange did not go well: it ended without a complete answer, or its status is 400 or more. An exchange
    /// whose end was not seen is not counted as failed, because nothing bad is known of it.
    package var isFailed: Bool {
        if let visitorStatus, visitorStatus >= 400 { return true }
        guard case .aborted(let abort) = state else { return false }
        return abort != .eventsLost
    }
}

/// A hold by filter makes a request wait.
package struct RequestHold: Hashable, Sendable {
    package var id: HeldRequestID
    /// It matches the filter. If not, it only waits behind another one of the same conversation.
    package var isMatch: Bool

    package init(id: HeldRequestID, isMatch: Bool) {
        self.id = id
        self.isMatch = isMatch
    }
}

/// The progress of an exchange.
package enum ExchangeState: Hashable, Sendable {
    case waitsForHold
    /// The target is not connected yet.
    case connecting
    /// No head of a final answer has arrived.
    case waitingForAnswer
    /// The answer is arriving, or it is complete while the request is still being sent.
    case streaming
    /// Uninterpreted bytes pass, after an upgrade or because they are not HTTP.
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

/// Why an exchange ended without a complete answer.
package enum ExchangeAbort: Hashable, Sendable {
    case visitorGone
    /// The visitor had closed its half, and how much of the answer it got is unknown.
    case visitorGoneUnsure
    /// The text is for the user.
    case targetNotConnected(String?)
    /// TLS failed; the text is for the user.
    case targetNotSecured(String?)
    /// The target closed or reset the connection before the answer was complete. The text is the system's, if any.
    case targetGone(String?)
    case tunnelLost
    /// The end of the answer could not be determined. The fault is nil if an earlier answer on the same connection
    /// caused this.
    case answerUnread(HTTPResponseFault?)
    /// A limit was exceeded. The text says which.
    case limit(String)
    case closedByUser
    /// Events were lost, so the end of the exchange is unknown.
    case eventsLost
}

extension ExchangeAbort {
    /// A sentence for the user. It may hold text from the network.
    package var text: String {
        switch self {
        case .visitorGone: "the visitor left"
        case .visitorGoneUnsure: "the visitor left, perhaps before it had the answer"
        case .targetNotConnected(let reason), .targetNotSecured(let reason):
            reason ?? "the target could not be reached"
        case .targetGone(let reason):
            "the target closed before the answer was complete" + (reason.map { ": \($0)" } ?? "")
        case .tunnelLost: "the tunnel was lost"
        case .answerUnread(let fault?): "the answer could not be read: \(fault.reason)"
        case .answerUnread(nil): "not read: an earlier answer on this connection could not be read"
        case .limit(let text): text
        case .closedByUser: "closed from the dashboard"
        case .eventsLost: "not seen to its end: events were lost"
        }
    }
}
