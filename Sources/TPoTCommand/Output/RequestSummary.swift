import NIOCore
import TPoTCapture
import TPoTInspect
import TPoTWire

/// A request that is over, answered or not, as the printer tells it.
struct RequestSummary: Hashable, Sendable {
    /// When it was over: nanoseconds since 1970.
    var unixNanoseconds: Int64
    /// The conversation's number within this run.
    var conversation: UInt64
    /// As the server saw it; nil for a replay, and where events were lost.
    var remote: RemoteAddress?
    /// The visitor's address as a proxy in front of the server wrote it into the request. Anyone can write it.
    var forwardedFor: String?
    /// The exchange that this one replays.
    var replayOf: UInt64?
    /// Empty when no request was seen.
    var method: [UInt8]
    /// As it stood in the request line, without secrets.
    var path: [UInt8]
    /// Nil when no head of an answer came from the target.
    var status: Int?
    /// From the request's head to the end of the answer.
    var microseconds: Int64
    /// Bytes from the visitor, head included.
    var received: Int
    /// Bytes of the answer, head included.
    var sent: Int
    /// Why it was cut short; nil when it was not.
    var why: Cut?
    /// From the request's head to when the visitor left, where it did.
    var leftAfterMicroseconds: Int64?

    /// Why a request is over without a complete answer. The word stands in the output.
    enum Cut: String, CaseIterable, Sendable {
        case visitorLeft = "visitor-left"
        /// It may have had all of the answer.
        case visitorLeftUnsure = "visitor-left-unsure"
        case targetRefused = "target-refused"
        /// It was there, and TLS with it failed.
        case targetTLS = "target-tls"
        case targetGone = "target-gone"
        case tunnelLost = "tunnel-lost"
        case limit
        case closed
        case headTooLong = "head-too-long"
        /// Something else about the answer could not be read.
        case unreadable
        /// An answer before it on the same connection could not be read, and so nothing could after it.
        case unread
        /// Events were lost, and with them how it ended.
        case unknown
    }
}

extension RequestSummary {
    /// - Parameter end: when the exchange was over, where it does not say itself.
    init(_ exchange: Exchange, end: NIODeadline, _ now: TrafficClock.Reading, _ mask: SecretMask) {
        let end = exchange.times.ended ?? end
        unixNanoseconds = now.unixNanoseconds(at: end)
        conversation = exchange.conversation
        remote = exchange.remote
        forwardedFor = exchange.via
        replayOf = exchange.replayOf
        method = exchange.method
        path = mask.url(exchange.target)
        status = exchange.status
        microseconds = exchange.times.whole(at: end).nanoseconds / 1000
        received = exchange.bytesIn
        sent = exchange.bytesOut
        if case .aborted(let abort) = exchange.state { why = Cut(abort) }
        if why == .visitorLeft || why == .visitorLeftUnsure {
            leftAfterMicroseconds = exchange.times.visitorStayed.map { $0.nanoseconds / 1000 }
        }
    }
}

extension RequestSummary.Cut {
    init(_ abort: ExchangeAbort) {
        self =
            switch abort {
            case .visitorGone: .visitorLeft
            case .visitorGoneUnsure: .visitorLeftUnsure
            case .targetNotConnected: .targetRefused
            case .targetNotSecured: .targetTLS
            case .targetGone: .targetGone
            case .tunnelLost: .tunnelLost
            case .limit: .limit
            case .answerUnread(.headTooLarge): .headTooLong
            case .answerUnread(nil): .unread
            case .answerUnread: .unreadable
            case .closedByUser: .closed
            case .eventsLost: .unknown
            }
    }
}
