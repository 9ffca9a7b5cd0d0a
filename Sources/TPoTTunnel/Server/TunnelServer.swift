import Logging
import NIOCore
import NIOPosix
import TPoTWire

/// The configuration of a ``TunnelServer``.
package struct TunnelServerConfiguration: Sendable {
    /// The domains under which tunnels get their names.
    package var domains: [String]
    package var bind: String
    /// The port to listen on; 0 for any free port.
    package var port: Int
    /// The key that clients need; nil admits every client. At least ``TunnelAuthorization/minimumKeyLength``
    /// characters.
    package var authKey: String?
    /// The proxies whose X-Forwarded-For is believed to name the client.
    package var trustedProxies = TrustedProxies.none
    /// The most tunnels that one address may have at a time. Loopback and trusted proxies have no limit.
    package var maximumTunnels = defaultMaximumTunnels
    /// Names that no client gets.
    package var reservedNames: Set<Subdomain> = []
    /// The protocol extensions that clients are offered.
    package var extensions = TunnelExtensions.ours
    /// The wording of some log messages about clients.
    package var wording: any ServerWording = PlainServerWording()

    package static let defaultMaximumTunnels = 100

    /// The most connections of visitors and clients together. The default leaves a fifth of the process's file
    /// descriptors for other uses.
    package var connections = DescriptorLimit.current / 5 * 4

    package init(domains: [String], bind: String = "0.0.0.0", port: Int = 3000, authKey: String? = nil) {
        self.domains = domains
        self.bind = bind
        self.port = port
        self.authKey = authKey
    }
}

/// The server: accepts clients and visitors on one port.
///
/// Everything runs on one event loop: a visitor and its tunnel share state without locks, and what many visitors send
/// in one turn of the loop leaves in one write. If visitors had event loops of their own, each request would change
/// threads twice. Waking a thread costs more (7 µs, `Tests/Benchmarks/micro loop:`) than all of the server's own work
/// for a request.
package final class TunnelServer: Sendable {
    /// Connections that the kernel queues for us during a burst (the kernel lowers this to net.core.somaxconn).
    private static let backlog: Int32 = 4096

    private let core: NIOLoopBound<ServerCore>
    private let channel: any Channel
    private let eventLoop: any EventLoop

    /// The port on which the server listens: the actual one if 0 was asked for.
    package var port: Int { channel.localAddress?.port ?? 0 }

    private init(core: NIOLoopBound<ServerCore>, channel: any Channel, eventLoop: any EventLoop) {
        self.core = core
        self.channel = channel
        self.eventLoop = eventLoop
    }

    /// Starts to listen. Fails with NIO's `IOError` if the address is not available.
    package static func start(
        _ configuration: TunnelServerConfiguration,
        logger: Logger,
        eventLoop: any EventLoop
    ) -> EventLoopFuture<TunnelServer> {
        eventLoop.flatSubmit {
            let core = ServerCore(
                eventLoop: eventLoop,
                domains: configuration.domains,
                verifier: configuration.authKey.map { AuthorizationVerifier(key: $0, eventLoop: eventLoop) },
                trustedProxies: configuration.trustedProxies,
                connections: configuration.connections,
                maximumTunnels: configuration.maximumTunnels,
                reservedNames: configuration.reservedNames,
                extensions: configuration.extensions,
                wording: configuration.wording,
                logger: logger
            )
            logger.debug(
                "limits",
                metadata: [
                    "connections": .stringConvertible(configuration.connections),
                    "connectionsOfAddress": .stringConvertible(ConnectionLimit.perAddress),
                    "tunnelsOfAddress": .stringConvertible(configuration.maximumTunnels),
                    "reservedNames": .stringConvertible(configuration.reservedNames.count),
                ]
            )
            let bound = NIOLoopBound(core, eventLoop: eventLoop)
            return bootstrap(bound, eventLoop).bind(host: configuration.bind, port: configuration.port)
                .map { TunnelServer(core: bound, channel: $0, eventLoop: eventLoop) }
        }
    }

    private static func bootstrap(_ core: NIOLoopBound<ServerCore>, _ eventLoop: any EventLoop) -> ServerBootstrap {
        SocketKeepAlive.prepare(ServerBootstrap(group: eventLoop))
            .serverChannelOption(.backlog, value: backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: 64)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = AcceptPauseHandler { core.value.acceptFailed($0) }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard core.value.admit(channel) else {
                        LingeringClose.abort(channel)
                        return
                    }
                    // The options are set here, because the bootstrap makes a future for each option of each
                    // connection.
                    try channel.syncOptions?.setOption(.tcpOption(.tcp_nodelay), value: 1)
                    try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
                    try LinkBuffers.prepareLocal(channel)
                    try channel.pipeline.syncOperations.addHandler(VisitorHandler(server: core.value))
                }
            }
    }

    /// Closes the port, and then all tunnels as soon as the answers under way are complete.
    ///
    /// Requests that arrive meanwhile on open connections are answered with 503.
    /// - Parameter drain: the longest time to wait for the answers.
    package func stop(drain: TimeAmount = .zero) -> EventLoopFuture<Void> {
        eventLoop.flatSubmit {
            let core = self.core.value
            return self.channel.close().recover { _ in }
                .assumeIsolated()
                .flatMap { core.stop(deadline: core.eventLoop.now + drain) }
                .map { core.verifier?.stop() }
                .nonisolated()
        }
    }
}

extension RemoteAddress {
    /// IPv4 (also if it is mapped into IPv6) or IPv6. Anything else becomes 0.0.0.0.
    init(_ address: SocketAddress?) {
        self.init(ip: 0, port: UInt16(truncatingIfNeeded: address?.port ?? 0))
        switch address {
        case .v4(let address):
            ip = UInt32(bigEndian: address.address.sin_addr.s_addr)
        case .v6(let address):
            let bytes = withUnsafeBytes(of: address.address.sin6_addr) { Array($0) }
            let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xff && bytes[11] == 0xff
            if isMapped {
                ip = bytes[12...].reduce(0) { $0 << 8 | UInt32($1) }
            } else {
                ip6 = IPv6Octets(
                    high: bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) },
                    low: bytes[8...].reduce(0) { $0 << 8 | UInt64($1) }
                )
            }
        case .unixDomainSocket, nil:
            break
        }
    }
}
