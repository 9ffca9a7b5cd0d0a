import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import TPoTWire

/// Opens a connection to a server: name look-up and TCP, then the proxy, then TLS.
struct ConnectionOpener {
    static let connectTimeout = TimeAmount.seconds(10)
    /// For a proxy's answer.
    static let proxyTimeout = TimeAmount.seconds(15)

    let server: ServerAddress
    /// The server, for the user.
    let peer: ConnectionPeer
    let proxy: TunnelClientConfiguration.Proxy?
    /// Nil where the server does not speak TLS.
    let tls: NIOSSLContext?
    let eventLoop: any EventLoop
    var logger = Logger(label: "") { _ in SwiftLogNoOpLogHandler() }

    /// A channel that can be written to, while TLS may still be shaking hands: whoever gets the channel adds a handler that
    /// listens for errors in the same turn of the event loop. Fails with ``ConnectFailure``.
    func open() -> EventLoopFuture<any Channel> {
        let began = NIODeadline.now()
        let lookup = logger.isDebugging ? LoggedLookup(eventLoop, logger) : nil
        let first = proxy.map { ConnectionPeer.proxy($0.address) } ?? peer
        return ClientBootstrap(group: eventLoop)
            .connectTimeout(Self.connectTimeout)
            .resolver(lookup)
            .connect(host: host, port: proxy?.port ?? server.port)
            .flatMapErrorThrowing { throw ConnectFailure.unreachable(first, NetworkCause($0)) }
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
            .flatMapErrorThrowing { throw ($0 as? ConnectFailure) ?? .unreachable(peer, NetworkCause($0)) }
    }

    /// The one to connect to. Names below `localhost` are the loopback, which not every resolver knows.
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
