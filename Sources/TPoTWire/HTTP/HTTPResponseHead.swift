import NIOCore

/// The head of an answer as it came, and how the end of what follows is found.
package struct HTTPResponseHead: Hashable, Sendable {
    /// The whole head: line ends before the status line, and the blank line after the fields.
    package let raw: ByteBuffer
    /// 100 to 999: any three digits but those below 100.
    package let status: Int
    /// The reason phrase, an offset range into ``raw``; it may be empty or missing.
    package let reasonRange: Range<Int>
    package let minorVersion: UInt8
    /// The framing that holds for this answer: `.none` after HEAD, for 1xx, 204 and 304 whatever the fields say.
    package let framing: HTTPBodyFraming
    /// A 1xx other than 101: the final answer is still to come, and no `.end` follows (RFC 9110, 15.2).
    package let isInterim: Bool
    /// 101, or 2xx to a CONNECT: after the `.end` that follows, both directions are another protocol.
    package let opensTunnel: Bool
    /// The target means the connection to end after this answer (RFC 9112, 9.3).
    package let wantsClose: Bool
    /// The strict grammar of RFC 9112 holds. If not, the end is certain all the same, but the sender is odd: the connection
    /// should not be used for others.
    package let isExact: Bool

    package var reason: ByteBufferView { raw.readableBytesView[reasonRange] }
    package var fields: HTTPHeaderFields { HTTPHeaderFields(ofHead: raw) }
}
