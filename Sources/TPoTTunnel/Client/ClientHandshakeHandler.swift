import Logging
import NIOCore
import NIOHTTP1
import NIOTLS
import TPoTNetwork

import enum TPoTWire.VisibleText

/// Sends the request for a tunnel, and reads the server's answer if that is not the upgrade.
final class ClientHandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// The most bytes that are read of an error's body.
    private static let bodyBytes = 512

    private var request: HTTPRequestHead
    private let isTLS: Bool
    private let timeout: TimeAmount
    private var upgraded: EventLoopPromise<Void>?
    private var context: ChannelHandlerContext?
    private var hasSent = false
    private var head: HTTPResponseHead?
    private var body = ByteBuffer()
    private var timer: Scheduled<Void>?
    private let logger: Logger
    private let began = NIODeadline.now()

    /// - Parameter request: the request without `Authorization`.
    init(request: HTTPRequestHead, isTLS: Bool, timeout: TimeAmount, upgraded: EventLoopPromise<Void>, logger: Logger) {
        self.request = request
        self.isTLS = isTLS
        self.timeout = timeout
        self.upgraded = upgraded
        self.logger = logger
    }

    /// Sends the request. Before this call the handler already notices a connection that ends or does not speak TLS.
    func send(_ authorization: String?) {
        guard let context, upgraded != nil else { return }
        hasSent = true
        startTimer(context)
        if let authorization { request.headers.add(name: "Authorization", value: authorization) }
        context.write(wrapOutboundOut(.head(request)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func succeed() {
        noteAnswer(.switchingProtocols, "the upgrade is done")
        finish(nil)
    }

    func fail(_ failure: any Error) { finish(failure) }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        // The connection may have ended between a proxy's answer and this call. No later event would report that.
        guard context.channel.isActive else {
            fail(.closed)
            return
        }
        if isTLS { startTimer(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    private func startTimer(_ context: ChannelHandlerContext) {
        timer?.cancel()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) {
            self.fail(.noAnswer)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent, !hasSent { timer?.cancel() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
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
        if head != nil { answered() }
        fail(.closed)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let cause = NetworkCause(error, in: context)
        switch error {
        case _ where cause == .notHTTP: finish(ConnectFailure.notATunnelServer(.notHTTP))
        case is NIOHTTPClientUpgradeError: finish(ConnectFailure.notATunnelServer(.noWebSocket))
        default: fail(cause)
        }
    }

    private func answered() {
        guard let head else { return }
        let failure = ConnectFailure(
            status: head.status,
            body: String(buffer: body),
            location: head.headers.first(name: "Location"),
            retryAfter: head.headers.first(name: "Retry-After").flatMap(Int64.init)
        )
        // Text from the network is shown as plain text on one line.
        noteAnswer(head.status, VisibleText.line(String(String(buffer: body).prefix { !$0.isNewline }), limit: 200))
        finish(failure)
    }

    private func noteAnswer(_ status: HTTPResponseStatus, _ text: @autoclosure () -> String) {
        guard upgraded != nil else { return }
        logger.debug(
            "the server answered \(status.code): \(text())",
            metadata: ["ms": .milliseconds(since: began)]
        )
    }

    private func fail(_ cause: NetworkCause) { finish(ConnectFailure.notConnected(.unreachable(.server, cause))) }

    private func finish(_ failure: (any Error)?) {
        timer?.cancel()
        let promise = upgraded
        upgraded = nil
        if let failure { promise?.fail(failure) } else { promise?.succeed(()) }
    }
}
