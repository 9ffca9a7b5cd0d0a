import NIOCore
import TPoTCapture
import TPoTInspect
import TPoTWire

/// What the printer prints about a request that has ended, answered or not.
struct RequestSummary: Hashable, Sendable {
    /// When it ended, in nanoseconds since 1970.
    var unixNanoseconds: Int64
    /// The number of the request in the history; nil without one.
    var number: UInt64?
    /// The conversation's number within this run.
    var conversation: UInt64
    /// The visitor's address as the server saw it; nil for a replay, and when events were lost.
    var remote: RemoteAddress?
    /// The visitor's address as a proxy in front of the server wrote it into the request. Anyone can write it.
    var forwardedFor: String?
    /// The exchange that this one replays.
    var replayOf: UInt64?
    /// Empty when no request was seen.
    var method: [UInt8]
    /// As in the request line, without secrets.
    var path: [UInt8]
    /// Nil when the target sent no head of an answer.
    var status: Int?
    /// From the request's head to the end of the answer.
    var microseconds: Int64
    /// Bytes from the visitor, head included.
    var received: Int
    /// Bytes of the answer, head included.
    var sent: Int
    /// Why the exchange is incomplete; nil when it is complete.
    var why: ExchangeEnd?
    /// From the request's head to when the visitor left; nil when it did not leave.
    var leftAfterMicroseconds: Int64?
}

extension RequestSummary {
    /// - Parameter end: when the exchange ended, if it has no end of its own.
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
        if case .aborted(let abort) = exchange.state { why = ExchangeEnd(abort) }
        if why == .visitorLeft || why == .visitorLeftUnsure {
            leftAfterMicroseconds = exchange.times.visitorStayed.map { $0.nanoseconds / 1000 }
        }
    }
}
