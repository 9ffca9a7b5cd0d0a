import NIOCore
import NIOHTTP1
import TPoTWire

/// An answer that the server itself gives to a visitor, after which the connection is closed.
struct ServerAnswer: Hashable, Sendable {
    var status: Int
    var detail: String
    /// An answer to HEAD has no body.
    var hasBody: Bool
    /// Seconds after which the request may be sent again.
    var retryAfter: Int?
    /// The request that it answers, if that could be read; for the log.
    var request: TPoTWire.HTTPRequestHead?

    init(status: Int, detail: String, hasBody: Bool = true) {
        self.status = status
        self.detail = detail
        self.hasBody = hasBody
    }

    init(status: Int, detail: String, to head: TPoTWire.HTTPRequestHead) {
        self.init(status: status, detail: detail, hasBody: head.method != .head)
        request = head
    }

    /// The reason phrase, then the detail in parentheses, as the original server words it.
    var body: String { "\(reasonPhrase) (\(detail))\n" }

    private var reasonPhrase: String { HTTPResponseStatus(statusCode: status).reasonPhrase }

    /// The whole answer as it is sent.
    var bytes: ByteBuffer {
        let text = body
        return ByteBuffer(
            string: "HTTP/1.1 \(status) \(reasonPhrase)\r\nContent-Type: text/plain; charset=utf-8\r\n"
                + "Content-Length: \(text.utf8.count)\r\n" + (retryAfter.map { "Retry-After: \($0)\r\n" } ?? "")
                + "Connection: close\r\n\r\n" + (hasBody ? text : "")
        )
    }
}
