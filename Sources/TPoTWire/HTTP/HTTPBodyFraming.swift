/// How the end of a message's body is found (RFC 9112, 6.3).
package enum HTTPBodyFraming: Hashable, Sendable {
    /// There is no body: the message ends with its head.
    case none
    case length(UInt64)
    case chunked
    /// Answers only: the body lasts until the target closes.
    case untilClose
}
