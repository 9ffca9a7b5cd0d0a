import Glibc
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
import TPoTSystem
import TPoTTraffic

/// Serves the interface for other programs, on a socket in the file system and on addresses. It has an event loop and
/// threads of its own, so that the tunnel never waits for it.
package final class ControlServer: Sendable {
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let pool = NIOThreadPool(numberOfThreads: 2)
    private let limits: ControlLimits
    private let channels = NIOLockedValueBox<[any Channel]>([])
    private let socket = NIOLockedValueBox<String?>(nil)
    private let connections = NIOLockedValueBox<[ObjectIdentifier: any Channel]>([:])
    private let router: ControlRouter

    package convenience init(_ service: any ControlService) { self.init(service, ControlLimits()) }

    init(_ service: any ControlService, _ limits: ControlLimits) {
        self.limits = limits
        router = ControlRouter(service, pool)
        // What displays and records runs behind the tunnel.
        group.next().execute { BackgroundPriority.take() }
    }

    /// Serves the socket of this process.
    package func listen(socket path: String) async throws {
        let listening = try ControlSocket.listen(path)
        socket.withLockedValue { $0 = path }
        do {
            let channel = try await bootstrap(ControlAccess(), isLocal: true)
                .withBoundSocket(listening.descriptor).get()
            channels.withLockedValue { $0.append(channel) }
        } catch {
            unlink(path)
            throw error
        }
    }

    /// Serves an address, whose port may be 0.
    /// - Parameter token: what requests have to bring; nil if they need nothing.
    /// - Returns: the port.
    package func listen(host: String, port: Int, token: String?) async throws -> Int {
        let channel = try await bootstrap(ControlAccess(token: token), isLocal: false)
            .bind(host: host, port: port).get()
        channels.withLockedValue { $0.append(channel) }
        return channel.localAddress?.port ?? port
    }

    /// Removes the socket, and ends all connections.
    package func stop() async {
        removeSocket()
        let open = channels.withLockedValue { channels in
            defer { channels = [] }
            return channels
        }
        for channel in open + connections.withLockedValue({ Array($0.values) }) { try? await channel.close() }
        try? await group.shutdownGracefully()
        try? await pool.shutdownGracefully()
    }

    /// Removes the socket, also when the process ends in a hurry.
    package func removeSocket() {
        let path = socket.withLockedValue { path in
            defer { path = nil }
            return path
        }
        if let path { unlink(path) }
    }

    // MARK: Connections

    var connectionCount: Int { connections.withLockedValue { $0.count } }

    /// - Parameter isLocal: whether the other end has to be a process of this user.
    private func bootstrap(_ access: ControlAccess, isLocal: Bool) -> ServerBootstrap {
        let served = NIOLockedValueBox(0)
        let refused = NIOLockedValueBox(0)
        return ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 64)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 32 * 1024, high: 256 * 1024))
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    let isStranger = isLocal && !Self.isOwn(channel)
                    if !isStranger, take(served, limits.connections, channel) { return try serve(channel, access) }
                    // Not even an answer: each connection takes a descriptor, and the tunnel needs them.
                    guard take(refused, ControlLimits.refused, channel) else { throw ChannelError.ioOnClosedChannel }
                    try channel.pipeline.syncOperations.addHandler(
                        RefusingHandler(
                            isStranger
                                ? ControlRefusal(.forbidden, "this is for the user who runs tpot")
                                : ControlRefusal(.serviceUnavailable, "there are too many connections")
                        )
                    )
                }
            }
    }

    /// Counts a connection until it is closed, if there is room for it.
    private func take(_ count: NIOLockedValueBox<Int>, _ limit: Int, _ channel: any Channel) -> Bool {
        let hasRoom = count.withLockedValue { count in
            guard count < limit else { return false }
            count += 1
            return true
        }
        guard hasRoom else { return false }
        connections.withLockedValue { $0[ObjectIdentifier(channel)] = channel }
        channel.closeFuture.whenComplete { [connections] _ in
            connections.withLockedValue { $0[ObjectIdentifier(channel)] = nil }
            count.withLockedValue { $0 -= 1 }
        }
        return true
    }

    private func serve(_ channel: any Channel, _ access: ControlAccess) throws {
        var decoding = NIOHTTPDecoderLimitConfiguration()
        decoding.maxHeaderFieldSize = limits.head
        decoding.maxHeaderListSize = limits.head
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withErrorHandling: false,
            withEncoderConfiguration: .init(),
            withDecoderLimitConfiguration: decoding
        )
        try channel.pipeline.syncOperations.addHandler(
            ControlHandler(access, limits) { [router] in router.answer($0, on: $1) }
        )
    }

    private static func isOwn(_ channel: any Channel) -> Bool {
        guard let options = channel as? any SocketOptionProvider else { return false }
        let credentials: EventLoopFuture<PeerCredentials> = options.unsafeGetSocketOption(
            level: SocketOptionLevel(SOL_SOCKET),
            name: SocketOptionName(SO_PEERCRED)
        )
        let user = NIOLockedValueBox<UInt32?>(nil)
        // It is complete already: this is the channel's event loop.
        credentials.whenSuccess { found in user.withLockedValue { $0 = found.user } }
        return user.withLockedValue { $0 } == geteuid()
    }
}

/// Answers a connection that is not served, and closes it.
private final class RefusingHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let refusal: ControlRefusal
    private var isAnswered = false

    init(_ refusal: ControlRefusal) {
        self.refusal = refusal
    }

    func channelActive(context: ChannelHandlerContext) { close(in: .seconds(5), context) }

    /// The first bytes of a request are enough. The rest is read and dropped: a socket that is closed over unread bytes
    /// loses the answer.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isAnswered, case .whole(let status, let type, let bytes) = ControlAnswer(refusal) else { return }
        isAnswered = true
        let head =
            "HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\nContent-Type: \(type.rawValue)\r\n"
            + "Content-Length: \(bytes.count)\r\nConnection: close\r\n\r\n"
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: Array(head.utf8) + bytes)), promise: nil)
        context.close(mode: .output, promise: nil)
        close(in: .seconds(1), context)
    }

    private func close(in time: TimeAmount, _ context: ChannelHandlerContext) {
        let context = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.value.eventLoop.scheduleTask(in: time) { context.value.close(promise: nil) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
