import NIOCore
import NIOHTTP1

/// Sends one request and waits for its answer.
final class HTTPCallHandler: ChannelInboundHandler {
    typealias InboundIn = NIOHTTPClientResponseFull
    typealias OutboundOut = HTTPClientRequestPart

    private let head: HTTPRequestHead
    private let body: ByteBuffer?
    private var answered: EventLoopPromise<HTTPCaller.Answer>?
    private var timer: Scheduled<Void>?

    init(_ head: HTTPRequestHead, _ body: ByteBuffer?, _ answered: EventLoopPromise<HTTPCaller.Answer>) {
        self.head = head
        self.body = body
        self.answered = answered
    }

    func handlerAdded(context: ChannelHandlerContext) {
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: HTTPCaller.timeout) {
            self.finish(.failure(ConnectFailure.unreachable("it accepted the connection and then did not answer")))
        }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if let body { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let answer = unwrapInboundIn(data)
        finish(
            .success(
                HTTPCaller.Answer(
                    status: Int(answer.head.status.code),
                    body: answer.body ?? ByteBuffer(),
                    location: answer.head.headers.first(name: "Location") ?? ""
                )
            )
        )
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(.failure(ConnectFailure.unreachable("it closed the connection")))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case is HTTPParserError: finish(.failure(ConnectFailure.unreachable("it does not speak HTTP")))
        case is NIOHTTPObjectAggregatorError:
            finish(.failure(ConnectFailure.unreachable("its answer is longer than \(HTTPCaller.bodyLimit) bytes")))
        default: finish(.failure(error))
        }
    }

    private func finish(_ result: Result<HTTPCaller.Answer, any Error>) {
        timer?.cancel()
        answered?.completeWith(result)
        answered = nil
    }
}
