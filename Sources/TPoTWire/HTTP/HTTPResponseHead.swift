import NIOCore

/// The head of an answer as received, and how the end of its body is found.
package struct HTTPResponseHead: Hashable, Sendable {
    /// The whole head, including line ends before the status line and the blank line after the fields.
    package let raw: ByteBuffer
    /// 100 to 999.
    package let status: Int
    /// The reason phrase, as offsets into ``raw``. It may be empty or missing.
    package let reasonRange: Range<Int>
    package let minorVersion: UInt8
    /// How this answer ends: always `.none` after HEAD and for 1xx, 204 and 304, whatever the fields say.
    package let framing: HTTPBodyFraming
    /// A 1xx other than 101: the final answer is still to come, and no `.end` follows (RFC 9110, 15.2).
    package let isInterim: Bool
    /// A 101, or a 2xx to a CONNECT. After the `.end` that follows, both directions carry another protocol.
    package let opensTunnel: Bool
    /// The target wants the connection to close after this answer (RFC 9112, 9.3).
    package let wantsClose: Bool
    /// The head follows the strict grammar of RFC 9112. If not, the end is still certain, but the sender is not to be
    /// relied on: the connection should not be used for other requests.
    package let isExact: Bool

    package var reason: ByteBufferView { raw.readableBytesView[reasonRange] }
    package var fields: HTTPHeaderFields { HTTPHeaderFields(ofHead: raw) }
}
