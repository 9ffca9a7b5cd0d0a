import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A loopback port that passes the bytes of each connection on to another port, which the test chooses.
final class Relay: Sendable {
    let port: Int
    /// The port to which the next connection leads.
    let destination: NIOLockedValueBox<Int>
    private let channel: any Channel
    private let accepted: NIOLockedValueBox<[any Channel]>

    private init(
        _ channel: any Channel,
        _ destination: NIOLockedValueBox<Int>,
        _ accepted: NIOLockedValueBox<[any Channel]>
    ) {
        self.channel = channel
        self.accepted = accepted
        self.destination = destination
        port = channel.localAddress?.port ?? 0
    }

    static func start(to first: Int) async throws -> Relay {
        let destination = NIOLockedValueBox(first)
        let accepted = NIOLockedValueBox<[any Channel]>([])
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { near in
                accepted.withLockedValue { $0.append(near) }
                return ClientBootstrap(group: near.eventLoop)
                    .channelOption(.autoRead, value: false)
                    .connect(host: "127.0.0.1", port: destination.withLockedValue { $0 })
                    .flatMapThrowing { far in
                        try near.pipeline.syncOperations.addHandler(Half(far))
                        try far.pipeline.syncOperations.addHandler(Half(near))
                    }
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
        return Relay(channel, destination, accepted)
    }

    /// Closes all connections; new ones are accepted.
    func cut() {
        for channel in accepted.withLockedValue({ $0 }) { channel.close(promise: nil) }
    }

    private final class Half: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let other: any Channel

        init(_ other: any Channel) { self.other = other }

        /// Called for the near connection only. The far one reads nothing until then.
        func channelActive(context: ChannelHandlerContext) {
            other.setOption(.autoRead, value: true).whenComplete { _ in }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            other.writeAndFlush(unwrapInboundIn(data), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
