import TPoTWire

/// A request that is over, answered or not, as the printer tells it.
struct RequestSummary: Hashable, Sendable {
    /// When it was over: nanoseconds since 1970.
    var unixNanoseconds: Int64
    /// The conversation's number within this run.
    var conversation: UInt64
    /// Nil for a replay.
    var remote: RemoteAddress?
    /// The exchange that this one replays.
    var replayOf: UInt64?
    var method: [UInt8]
    /// As it stood in the request line.
    var path: [UInt8]
    /// Nil when no head of an answer came from the target.
    var status: Int?
    /// From the first byte of the request to the end of the answer.
    var milliseconds: Int64
    /// Bytes from the visitor, head included.
    var received: Int
    /// Bytes of the answer, head included.
    var sent: Int
    /// Why it was cut short; nil when it was not.
    var why: Cut?

    /// Why a request is over without a complete answer. The word stands in the output.
    enum Cut: String, Sendable {
        case visitorGone = "visitor-gone"
        case targetRefused = "target-refused"
        case targetGone = "target-gone"
        case tunnelLost = "tunnel-lost"
        case limit
        case closed
        /// Events were lost, and with them how it ended.
        case unknown
    }
}
