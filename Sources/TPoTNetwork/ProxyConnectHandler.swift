import NIOCore
import NIOHTTP1

/// Asks an HTTP proxy for a connection (RFC 9110 section 9.3.6). The caller removes it once there is one.
final class ProxyConnectHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let request: HTTPRequestHead
    private let address: String
    private var connected: EventLoopPromise<Void>?
    private var timer: Scheduled<Void>?

    /// - Parameter address: names the proxy to the user.
    init(_ request: HTTPRequestHead, through address: String, _ connected: EventLoopPromise<Void>) {
        self.request = request
        self.address = address
        self.connected = connected
    }

    func handlerAdded(context: ChannelHandlerContext) {
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: ConnectionOpener.proxyTimeout) {
            self.fail(.noAnswer)
        }
        context.write(wrapOutboundOut(.head(request)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head) where !(200...299).contains(head.status.code):
            finish(.refusedByProxy(address, status: Int(head.status.code), head.status.reasonPhrase))
        // A successful answer has no body: the bytes that follow are the server's.
        case .end: finish(nil)
        default: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(.closed)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(NetworkCause(error)) }

    private func fail(_ cause: NetworkCause) { finish(.unreachable(.proxy(address), cause)) }

    private func finish(_ failure: ConnectionFailure?) {
        timer?.cancel()
        let promise = connected
        connected = nil
        if let failure { promise?.fail(failure) } else { promise?.succeed(()) }
    }
}
