import NIOCore
import NIOHTTP1

/// One connection from the browser. It passes answers to the login on, and answers all other requests itself.
final class CallbackHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let read: @Sendable (String) -> CallbackQuery
    private let take: (ReceivedCallback) -> Bool
    private var isAnswered = false

    /// - Parameters:
    ///   - read: what a request's URI means.
    ///   - take: receives an answer to the login; returns false if there has already been one.
    init(_ read: @escaping @Sendable (String) -> CallbackQuery, _ take: @escaping (ReceivedCallback) -> Bool) {
        self.read = read
        self.take = take
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // Every connection serves one request, of which only the first line matters.
        guard case .head(let head) = unwrapInboundIn(data), !isAnswered else { return }
        isAnswered = true
        guard head.method == .GET else { return show(.notAllowed, context) }
        switch read(head.uri) {
        case .elsewhere: show(.notFound, context)
        case .foreign: show(.foreign, context)
        case .answer(let answer):
            if !take(ReceivedCallback(answer: answer, channel: context.channel)) { show(.repeated, context) }
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func show(_ page: CallbackPage, _ context: ChannelHandlerContext) {
        for part in page.parts { context.write(wrapOutboundOut(part), promise: nil) }
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
    }
}
