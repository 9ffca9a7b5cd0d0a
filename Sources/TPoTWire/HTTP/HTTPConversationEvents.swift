import NIOCore

/// What the visitor's bytes turned out to be. Heads, bodies and opaque bytes in order are exactly what came.
///
///     head  body*  end            for each request
///     invalid  opaque*            once, then for ever
///     opaque*                     after the answer that opened a tunnel, wherever the request was
package enum RequestEvent: Hashable, Sendable {
    case head(HTTPRequestHead)
    /// As on the wire: with the chunk sizes, extensions and trailers.
    case body(ByteBuffer)
    case end
    /// Not interpreted.
    case opaque(ByteBuffer)
    /// The bytes that follow are no request; they come as `.opaque`.
    case invalid(HTTPRequestFault)
}

/// What the target's bytes turned out to be. Heads, bodies and opaque bytes in order are exactly what came.
///
///     head(interim)*  head  body*  end        for each answer
///     opaque*                                 after a tunnel was opened
///     invalid  opaque*                        once, then for ever
package enum ResponseEvent: Hashable, Sendable {
    /// Also interim ones: no `.end` follows those.
    case head(HTTPResponseHead)
    /// As on the wire: with the chunk sizes, extensions and trailers.
    case body(ByteBuffer)
    case end
    /// Not interpreted.
    case opaque(ByteBuffer)
    /// Where the answer ends cannot be told; its bytes follow as `.opaque`. The status is that of a final answer whose head
    /// has not been told, as far as its status line could be read.
    case invalid(HTTPResponseFault, status: Int?)
}
