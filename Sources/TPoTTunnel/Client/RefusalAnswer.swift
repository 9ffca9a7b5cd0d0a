import NIOCore
import NIOHTTP1

/// The answer that a visitor gets if the user refuses its request while it is held.
enum RefusalAnswer {
    /// - Parameters:
    ///   - status: 200 to 599.
    ///   - isHead: the request was HEAD, so there is no body.
    static func bytes(status: Int, isHead: Bool) -> (head: ByteBuffer, body: ByteBuffer) {
        let reason = HTTPResponseStatus(statusCode: status).reasonPhrase
        let hasContent = status != 204 && status != 304
        let text = "\(status) \(reason) (refused by the user of the tunnel)\n"
        let length =
            hasContent ? "Content-Type: text/plain; charset=utf-8\r\nContent-Length: \(text.utf8.count)\r\n" : ""
        return (
            ByteBuffer(string: "HTTP/1.1 \(status) \(reason)\r\n\(length)Connection: close\r\n\r\n"),
            ByteBuffer(string: hasContent && !isHead ? text : "")
        )
    }
}
