import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import TPoTCapture

/// Calls the demo's public URL as ``DemoStory`` tells it.
final class DemoVisitors: Sendable {
    /// Visitors at a time. While the tunnel is held, none of them leaves before its patience ends.
    static let limit = 24

    private let serverPort: Int
    private let eventLoop: any EventLoop
    private let underWay: NIOLoopBoundBox<Int>

    init(serverPort: Int, eventLoop: any EventLoop) {
        self.serverPort = serverPort
        self.eventLoop = eventLoop
        underWay = NIOLoopBoundBox.makeBoxSendingValue(0, eventLoop: eventLoop)
    }

    /// - Parameter url: the tunnel's public URL. Visitors send its host as `Host`.
    func start(url: String) {
        let host = url.split(separator: "/").last.map(String.init) ?? url
        eventLoop.execute { self.schedule(0, host, .now()) }
    }

    private func schedule(_ index: Int, _ host: String, _ begin: NIODeadline) {
        let scene = DemoStory.scene(index)
        eventLoop.scheduleTask(deadline: begin + scene.time) {
            if self.underWay.value < Self.limit { self.call(scene, host) }
            self.schedule(index + 1, host, begin)
        }
    }

    private func call(_ scene: DemoStory.Scene, _ host: String) {
        underWay.value += 1
        ClientBootstrap(group: eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if scene.visit.messages != nil {
                        try pipeline.addHandler(DemoSocketVisitor(scene, host))
                    } else {
                        try pipeline.addHTTPClientHandlers()
                        try pipeline.addHandler(DemoVisitor(scene, host))
                    }
                }
            }
            .connect(host: "127.0.0.1", port: serverPort)
            .flatMap { $0.closeFuture }
            .whenComplete { _ in self.underWay.value -= 1 }
    }
}

/// Sends the requests of a visit one after the other, reads the answers, and leaves.
private final class DemoVisitor: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private static let pieceInterval = TimeAmount.milliseconds(120)

    private let scene: DemoStory.Scene
    private let host: String
    private var next = 0

    init(_ scene: DemoStory.Scene, _ host: String) {
        self.scene = scene
        self.host = host
    }

    func channelActive(context: ChannelHandlerContext) { sendNext(context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .end = unwrapInboundIn(data) { sendNext(context) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func sendNext(_ context: ChannelHandlerContext) {
        guard next < scene.visit.requests.count else {
            context.close(promise: nil)
            return
        }
        let request = scene.visit.requests[next].signed(at: TrafficClock.system.read().unixNanoseconds)
        next += 1
        context.writeAndFlush(
            wrapOutboundOut(.head(request.head(host: host, address: scene.address))),
            promise: nil
        )
        send(request.pieces[...], context)
        guard next == scene.visit.requests.count else { return }
        context.eventLoop.assumeIsolated().scheduleTask(in: scene.visit.patience) { context.close(promise: nil) }
    }

    private func send(_ pieces: ArraySlice<ArraySlice<UInt8>>, _ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        guard let piece = pieces.first else {
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            return
        }
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: piece)))), promise: nil)
        guard pieces.count > 1 else { return send([], context) }
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.pieceInterval) {
            self.send(pieces.dropFirst(), context)
        }
    }
}

/// Asks for a WebSocket, sends messages, and closes it in the orderly way.
private final class DemoSocketVisitor: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let messageInterval = TimeAmount.seconds(3)
    /// For the other end's answer to a close.
    private static let closing = TimeAmount.seconds(2)

    private let scene: DemoStory.Scene
    private let host: String
    private var isOpen = false

    init(_ scene: DemoStory.Scene, _ host: String) {
        self.scene = scene
        self.host = host
    }

    func channelActive(context: ChannelHandlerContext) {
        guard let request = scene.visit.requests.first else { return }
        let head = request.head(host: host, address: scene.address)
        let fields = head.headers.map { "\($0.name): \($0.value)\r\n" }.joined()
        let text = "\(head.method) \(head.uri) HTTP/1.1\r\n\(fields)\r\n"
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        let loop = context.eventLoop.assumeIsolated()
        loop.scheduleTask(in: scene.visit.patience) {
            // The status 1000: a normal end.
            self.send(.connectionClose, ByteBuffer(bytes: [0x03, 0xe8]), context)
        }
        loop.scheduleTask(in: scene.visit.patience + Self.closing) { context.close(promise: nil) }
    }

    /// The first bytes are the end of the handshake; what the shop says after it is not looked at.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOpen else { return }
        isOpen = true
        do {
            let pipeline = context.pipeline.syncOperations
            try pipeline.addHandler(WebSocketFrameEncoder(), position: .before(self))
        } catch {
            context.close(promise: nil)
            return
        }
        for (index, message) in (scene.visit.messages ?? []).enumerated() {
            context.eventLoop.assumeIsolated().scheduleTask(in: Self.messageInterval * index) {
                self.send(.text, ByteBuffer(string: message), context)
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func send(_ opcode: WebSocketOpcode, _ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        guard isOpen, context.channel.isActive else { return }
        let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: bytes)
        context.writeAndFlush(NIOAny(frame), promise: nil)
    }
}
