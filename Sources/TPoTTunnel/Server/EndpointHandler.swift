import NIOCore
import NIOHTTP1
import NIOWebSocket

/// Answers the server's own endpoints, one request a connection.
final class EndpointHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// No endpoint takes a body; more than this is not listened to.
    private static let bodyBytes = 64 * 1024

    private let endpoints: ServerEndpoints
    private var head: HTTPRequestHead?
    private var received = 0

    init(_ endpoints: ServerEndpoints) {
        self.endpoints = endpoints
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
        case .body(let bytes):
            received += bytes.readableBytes
            if received > Self.bodyBytes { answer(context) }
        case .end:
            answer(context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        // The upgrade was refused: the request itself comes next, and gets the answer that says why.
        case is ServerRefusal, is HTTPServerUpgradeErrors, is NIOWebSocketUpgradeError: break
        default: context.close(promise: nil)
        }
    }

    private func answer(_ context: ChannelHandlerContext) {
        guard let head else { return }
        self.head = nil
        let (status, type, body) = endpoints.answer(to: head)
        let headers: HTTPHeaders = [
            "Content-Type": type, "Content-Length": "\(body.utf8.count)", "Connection": "close",
        ]
        let response = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(response)), promise: nil)
        if head.method != .HEAD {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
        }
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
        let channel = context.channel
        written.futureResult.whenComplete { _ in channel.close(promise: nil) }
    }
}
