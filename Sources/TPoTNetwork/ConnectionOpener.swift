import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import TPoTWire

/// Opens a connection to a server: name look-up and TCP, then the proxy, then TLS.
package struct ConnectionOpener {
    package static let connectTimeout = TimeAmount.seconds(10)
    /// How long a proxy may take to answer.
    package static let proxyTimeout = TimeAmount.seconds(15)

    private let server: ServerAddress
    private let peer: ConnectionPeer
    private let proxy: HTTPProxy?
    private let tls: NIOSSLContext?
    private let eventLoop: any EventLoop
    private let logger: Logger

    /// - Parameters:
    ///   - peer: names the server to the user.
    ///   - tls: nil if the server does not speak TLS.
    package init(
        server: ServerAddress,
        peer: ConnectionPeer,
        proxy: HTTPProxy?,
        tls: NIOSSLContext?,
        eventLoop: any EventLoop,
        logger: Logger = Logger(label: "") { _ in SwiftLogNoOpLogHandler() }
    ) {
        self.server = server
        self.peer = peer
        self.proxy = proxy
        self.tls = tls
        self.eventLoop = eventLoop
        self.logger = logger
    }

    /// A channel that can be written to, although the TLS handshake may still be under way. The caller must add a
    /// handler that listens for errors in the same turn of the event loop. Fails with ``ConnectionFailure``.
    package func open() -> EventLoopFuture<any Channel> {
        let began = NIODeadline.now()
        let lookup = logger.isDebugging ? LoggedLookup(eventLoop, logger) : nil
        let first = proxy.map { ConnectionPeer.proxy($0.address) } ?? peer
        return ClientBootstrap(group: eventLoop)
            .connectTimeout(Self.connectTimeout)
            .resolver(lookup)
            .connect(host: host, port: proxy?.port ?? server.port)
            .flatMapErrorThrowing { throw ConnectionFailure($0, peer: first) }
            .flatMap { channel in
                logger.debug(
                    "connected to \(channel.remoteAddress.text)",
                    metadata: ["ms": .milliseconds(since: lookup?.ended ?? began)]
                )
                return throughProxy(channel).flatMapThrowing {
                    let operations = channel.pipeline.syncOperations
                    if let tls {
                        try operations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: server.tlsServerName)
                        )
                        if logger.isDebugging { try operations.addHandler(HandshakeLog(logger)) }
                    }
                    return channel
                }
            }
            .flatMapErrorThrowing { throw ConnectionFailure($0, peer: peer) }
    }

    /// The host to connect to. Names below `localhost` are the loopback, which not every resolver knows.
    private var host: String { proxy?.host ?? (server.isLoopbackName ? "localhost" : server.host) }

    private func throughProxy(_ channel: any Channel) -> EventLoopFuture<Void> {
        guard let proxy else { return eventLoop.makeSucceededVoidFuture() }
        let began = NIODeadline.now()
        let connected = eventLoop.makePromise(of: Void.self)
        let encoder = HTTPRequestEncoder()
        let decoder = ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .forwardBytes))
        let authority = "\(server.bracketedHost):\(server.port)"
        var headers = HTTPHeaders([("Host", authority)])
        if let authorization = proxy.authorization { headers.add(name: "Proxy-Authorization", value: authorization) }
        let request = NIOHTTP1.HTTPRequestHead(version: .http1_1, method: .CONNECT, uri: authority, headers: headers)
        let handler = ProxyConnectHandler(request, through: proxy.address, connected)
        do {
            try channel.pipeline.syncOperations.addHandlers(encoder, decoder, handler)
        } catch {
            connected.fail(error)
        }
        let handlers = NIOLoopBound((encoder, decoder, handler), eventLoop: eventLoop)
        return connected.futureResult.flatMap {
            let operations = channel.pipeline.syncOperations
            let (encoder, decoder, handler) = handlers.value
            logger.debug(
                "the proxy \(proxy.host):\(proxy.port) connected us to \(server.host):\(server.port)",
                metadata: ["ms": .milliseconds(since: began)]
            )
            return EventLoopFuture.andAllSucceed(
                [
                    operations.removeHandler(handler), operations.removeHandler(encoder),
                    operations.removeHandler(decoder),
                ],
                on: eventLoop
            )
        }.flatMapErrorThrowing { error in
            channel.close(promise: nil)
            throw error
        }
    }
}
