import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// The web server of the demo's shop.
enum DemoTarget {
    /// Listens on a free loopback port and returns that port.
    static func start(on eventLoop: any EventLoop) async throws -> Int {
        let shop = NIOLockedValueBox(DemoShop())
        let channel = try await ServerBootstrap(group: eventLoop)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline(
                        withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in }),
                        withErrorHandling: true
                    )
                    try pipeline.addHandler(DemoTargetHandler(shop))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return channel.localAddress?.port ?? 0
    }

    /// Any other path is answered as if no upgrade was asked for.
    private static var upgrader: NIOWebSocketServerUpgrader {
        NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, head in channel.eventLoop.makeSucceededFuture(head.uri == "/stock" ? [:] : nil) },
            upgradePipelineHandler: { channel, _ in
                let pipeline = channel.pipeline.syncOperations
                do {
                    let handler = try pipeline.handler(type: DemoTargetHandler.self)
                    try pipeline.addHandler(DemoSocketHandler())
                    return pipeline.removeHandler(handler)
                } catch {
                    return channel.eventLoop.makeFailedFuture(error)
                }
            }
        )
    }
}

/// Reads a request, asks the shop for the answer, and sends its parts when they are due.
private final class DemoTargetHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let shop: NIOLockedValueBox<DemoShop>
    private var head: HTTPRequestHead?
    private var request = DemoShopRequest(method: .GET, path: "")

    init(_ shop: NIOLockedValueBox<DemoShop>) {
        self.shop = shop
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            request = DemoShopRequest(
                method: head.method,
                path: String(head.uri.prefix { $0 != "?" }),
                headers: head.headers
            )
        case .body(let bytes):
            request.bodyCount += bytes.readableBytes
            let room = DemoShopRequest.bodyLimit - request.body.count
            request.body += bytes.readableBytesView.prefix(room)
        case .end:
            guard let head else { return }
            self.head = nil
            let request = request
            begin(shop.withLockedValue { $0.answer(to: request) }, to: head, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func begin(_ answer: DemoAnswer, to request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        context.eventLoop.assumeIsolated().scheduleTask(in: answer.delay) {
            guard context.channel.isActive else { return }
            var headers = answer.headers
            if !request.isKeepAlive { headers.add(name: "Connection", value: "close") }
            let head = HTTPResponseHead(version: .http1_1, status: answer.status, headers: headers)
            context.writeAndFlush(self.wrapOutboundOut(.head(head)), promise: nil)
            self.send(answer, part: 0, to: request, context)
        }
    }

    private func send(
        _ answer: DemoAnswer,
        part index: Int,
        to request: HTTPRequestHead,
        _ context: ChannelHandlerContext
    ) {
        guard request.method != .HEAD, index < answer.parts.count else {
            if answer.isCut { context.close(promise: nil) } else { end(request, context) }
            return
        }
        let part = answer.parts[index]
        let go = {
            guard context.channel.isActive else { return }
            context.writeAndFlush(self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: part.bytes)))), promise: nil)
            self.send(answer, part: index + 1, to: request, context)
        }
        guard part.delay > .zero else { return go() }
        context.eventLoop.assumeIsolated().scheduleTask(in: part.delay, go)
    }

    private func end(_ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
        guard !request.isKeepAlive else { return }
        let channel = context.channel
        written.futureResult.whenComplete { _ in channel.close(promise: nil) }
    }
}

/// Tells a visitor the stock of the tea that it subscribed to, every two seconds, as messages of a WebSocket.
private final class DemoSocketHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private static let pause = TimeAmount.seconds(2)
    private var number = 0
    private var isTicking = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .text:
            send(#"{"accepted":true}"#, context)
            guard !isTicking else { return }
            isTicking = true
            tick(context)
        case .ping:
            let pong = WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData)
            context.writeAndFlush(wrapOutboundOut(pong), promise: nil)
        case .connectionClose:
            let close = WebSocketFrame(fin: true, opcode: .connectionClose, data: frame.unmaskedData)
            let channel = context.channel
            context.writeAndFlush(wrapOutboundOut(close)).whenComplete { _ in channel.close(promise: nil) }
        default: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func tick(_ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        number += 1
        send(#"{"tea":"oolong","packets":\#(84 - number % 12)}"#, context)
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.pause) { self.tick(context) }
    }

    private func send(_ text: String, _ context: ChannelHandlerContext) {
        let frame = WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: text))
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }
}
