import NIOCore

/// What the visitor's bytes contain. Heads, bodies and opaque bytes joined in order are exactly the bytes received.
///
///     head  body*  end            for each request
///     invalid  opaque*            at most once; everything after it is opaque
///     opaque*                     after an answer opened a tunnel, even in the middle of a request
package enum RequestEvent: Hashable, Sendable {
    case head(HTTPRequestHead)
    /// As on the wire: with the chunk sizes, extensions and trailers.
    case body(ByteBuffer)
    case end
    /// Not interpreted.
    case opaque(ByteBuffer)
    /// The bytes that follow are not a valid request. They come as `.opaque`.
    case invalid(HTTPRequestFault)
}

/// What the target's bytes contain. Heads, bodies and opaque bytes joined in order are exactly the bytes received.
///
///     head(interim)*  head  body*  end        for each answer
///     opaque*                                 after a tunnel was opened
///     invalid  opaque*                        at most once; everything after it is opaque
package enum ResponseEvent: Hashable, Sendable {
    /// Final or interim. No `.end` follows an interim head.
    case head(HTTPResponseHead)
    /// As on the wire: with the chunk sizes, extensions and trailers.
    case body(ByteBuffer)
    case end
    /// Not interpreted.
    case opaque(ByteBuffer)
    /// The end of the answer is not certain. Its bytes follow as `.opaque`. The status is that of a final answer whose
    /// head was not reported, if its status line could be read.
    case invalid(HTTPResponseFault, status: Int?)
}
