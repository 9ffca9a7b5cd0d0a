import NIOCore
import NIOPosix
import NIOSSL

/// A listener on a loopback port whose connections a test handles one by one.
package final class RawListener: Sendable {
    package let port: Int
    private let channel: any Channel
    private let stream: AsyncStream<RawPeer>

    private init(channel: any Channel, stream: AsyncStream<RawPeer>) {
        self.channel = channel
        self.stream = stream
        port = channel.localAddress?.port ?? 0
    }

    /// - Parameters:
    ///   - port: 0 for any.
    ///   - serve: called for each connection in a separate task. Without it, ``next()`` returns the connections.
    package static func start(
        tls: NIOSSLContext? = nil,
        unixSocket: String? = nil,
        port: Int = 0,
        serve: (@Sendable (RawPeer) async throws -> Void)? = nil
    ) async throws -> RawListener {
        let (stream, continuation) = AsyncStream.makeStream(of: RawPeer.self)
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 2048)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    let peer = try RawPeer.prepared(channel)
                    Task {
                        _ = try? await peer.starting()
                        if let serve { try? await serve(peer) } else { continuation.yield(peer) }
                    }
                }
            }
        let binding =
            unixSocket.map { bootstrap.bind(unixDomainSocketPath: $0) } ?? bootstrap.bind(host: "127.0.0.1", port: port)
        let channel = try await binding.get()
        return RawListener(channel: channel, stream: stream)
    }

    /// The next connection, in the order in which they came.
    package func next() async throws -> RawPeer {
        for await peer in stream { return peer }
        throw RawPeer.Ended(received: "")
    }

    package func stop() async throws { try await channel.close() }
}
