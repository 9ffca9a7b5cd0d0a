import NIOCore

/// The limits of an interface for other programs.
struct ControlLimits: Sendable {
    /// The most connections of a listener.
    var connections = 64
    /// The most connections beyond them that are told so.
    static let refused = 16
    /// The most bytes of a head, and of a body.
    var head = 65_536
    var body = 65_536
    /// How long a connection may take to bring its next request.
    var requestTime = TimeAmount.seconds(30)
    /// How long an answer may take to be read.
    var answerTime = TimeAmount.seconds(60)
    /// The time between two signs of life in a stream of events.
    var heartbeat = TimeAmount.seconds(15)
    /// The most exchanges of a page.
    static let page = 1_000
}
