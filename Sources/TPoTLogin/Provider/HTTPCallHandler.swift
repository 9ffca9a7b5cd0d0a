import NIOCore
import NIOHTTP1
import TPoTNetwork

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
            self.finish(.failure(.noAnswer))
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
        finish(.failure(.closed))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let isTooLong = error is NIOHTTPObjectAggregatorError
        finish(.failure(isTooLong ? .answerTooLong(HTTPCaller.bodyLimit) : NetworkCause(error, in: context)))
    }

    private func finish(_ result: Result<HTTPCaller.Answer, NetworkCause>) {
        timer?.cancel()
        answered?.completeWith(result.mapError { $0 as any Error })
        answered = nil
    }
}
