import Logging
import NIOCore
import NIOHTTP1
import TPoTTraffic

/// Sends the request for a tunnel, and reads what the server answers instead of upgrading.
final class ClientHandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// Of an error's body more is not read.
    private static let bodyBytes = 512

    private let request: HTTPRequestHead
    private var upgraded: EventLoopPromise<Void>?
    private var status: HTTPResponseStatus?
    private var body = ByteBuffer()
    private var timer: Scheduled<Void>?
    private let logger: Logger
    private let began = NIODeadline.now()

    init(request: HTTPRequestHead, upgraded: EventLoopPromise<Void>, logger: Logger) {
        self.request = request
        self.upgraded = upgraded
        self.logger = logger
    }

    func succeed() {
        noteAnswer(.switchingProtocols, "the upgrade is done")
        finish(nil)
    }

    func fail(_ failure: ConnectFailure) { finish(failure) }

    func handlerAdded(context: ChannelHandlerContext) {
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: ServerConnector.handshakeTimeout) {
            self.finish(ConnectFailure.unreachable("it accepted the connection and then did not answer"))
        }
        context.write(wrapOutboundOut(.head(request)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            status = head.status
        case .body(var bytes):
            if let part = bytes.readSlice(length: min(bytes.readableBytes, Self.bodyBytes - body.readableBytes)) {
                body.writeImmutableBuffer(part)
            }
            if body.readableBytes == Self.bodyBytes { answered() }
        case .end:
            answered()
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if status != nil { answered() }
        finish(ConnectFailure.unreachable("it closed the connection"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case is HTTPParserError:
            finish(ConnectFailure.notATunnelServer("it does not speak HTTP"))
        case is NIOHTTPClientUpgradeError:
            finish(ConnectFailure.notATunnelServer("it does not answer the WebSocket handshake"))
        default:
            finish(ConnectFailure.unreachable(ErrorText.describe(error)))
        }
    }

    private func answered() {
        guard let status else { return }
        // What comes from the network is shown as plain text on one line.
        let text = String(buffer: body).prefix { !$0.isNewline }
        let body = VisibleText.line(String(text), limit: 200)
        noteAnswer(status, body)
        finish(ConnectFailure(status: status, body: body))
    }

    private func noteAnswer(_ status: HTTPResponseStatus, _ text: @autoclosure () -> String) {
        guard upgraded != nil else { return }
        logger.debug(
            "the server answered \(status.code): \(text())",
            metadata: ["ms": .milliseconds(since: began)]
        )
    }

    private func finish(_ failure: (any Error)?) {
        timer?.cancel()
        let promise = upgraded
        upgraded = nil
        if let failure { promise?.fail(failure) } else { promise?.succeed(()) }
    }
}
