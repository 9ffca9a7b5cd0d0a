import NIOCore
import NIOHTTP1
import NIOWebSocket

/// Answers requests for the server's own endpoints, one for each connection.
final class EndpointHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// No endpoint accepts a body. A longer body than this is answered before its end.
    private static let bodyBytes = 64 * 1024
    /// Beyond this many bytes the rest is left in the kernel until the connection is closed.
    private static let discardedBytes = 1024 * 1024
    /// The time limit for the rest of a request, once its head has come, and for sending the answer.
    private static let requestTimeout = TimeAmount.seconds(30)

    private let endpoints: ServerEndpoints
    private var head: HTTPRequestHead?
    private var received = 0
    private var hasAnswered = false
    private var timer: Scheduled<Void>?

    init(_ endpoints: ServerEndpoints) {
        self.endpoints = endpoints
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        timer = context.eventLoop.scheduleTask(in: Self.requestTimeout) { channel.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
        case .body(let bytes):
            received += bytes.readableBytes
            if received > Self.bodyBytes { answer(context, isWhole: false) }
            if received > Self.discardedBytes { try? context.channel.syncOptions?.setOption(.autoRead, value: false) }
        case .end:
            answer(context, isWhole: true)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent, hasAnswered || endpoints.clientEnded() {
            context.close(promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        // The upgrade was refused. The request itself comes next and gets the answer that says why.
        case is ServerRefusal, is HTTPServerUpgradeErrors, is NIOWebSocketUpgradeError: break
        default: context.close(promise: nil)
        }
    }

    /// - Parameter isWhole: whether the request is complete.
    private func answer(_ context: ChannelHandlerContext, isWhole: Bool) {
        guard let head else { return }
        self.head = nil
        hasAnswered = true
        let answer = endpoints.answer(to: head, from: context.channel.remoteAddress)
        var headers: HTTPHeaders = [
            "Content-Type": answer.type, "Content-Length": "\(answer.body.utf8.count)", "Connection": "close",
        ]
        if let seconds = answer.retryAfter { headers.add(name: "Retry-After", value: "\(seconds)") }
        let response = HTTPResponseHead(version: .http1_1, status: answer.status, headers: headers)
        context.write(wrapOutboundOut(.head(response)), promise: nil)
        if head.method != .HEAD {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: answer.body)))), promise: nil)
        }
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
        let channel = context.channel
        written.futureResult.whenComplete { _ in
            if isWhole { channel.close(promise: nil) } else { LingeringClose.closeOutput(channel) }
        }
    }
}
