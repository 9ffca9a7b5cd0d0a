import Logging
import NIOCore
import NIOExtras
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
    let proxy: TunnelClientConfiguration.Proxy?
    /// Nil where the server does not speak TLS.
    let tls: NIOSSLContext?
    let eventLoop: any EventLoop
    var logger = Logger(label: "") { _ in SwiftLogNoOpLogHandler() }

    /// A channel that can be written to; TLS is shaken hands on with the first bytes.
    func open() -> EventLoopFuture<any Channel> {
        let began = NIODeadline.now()
        let lookup = logger.isDebugging ? LoggedLookup(eventLoop, logger) : nil
        return ClientBootstrap(group: eventLoop)
            .connectTimeout(Self.connectTimeout)
            .resolver(lookup)
            .connect(host: host, port: proxy?.port ?? server.port)
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
    }

    /// The one to connect to. Names below `localhost` are the loopback, which not every resolver knows.
    private var host: String { proxy?.host ?? (server.isLoopbackName ? "localhost" : server.host) }

    private func throughProxy(_ channel: any Channel) -> EventLoopFuture<Void> {
        guard let proxy else { return eventLoop.makeSucceededVoidFuture() }
        let began = NIODeadline.now()
        let connected = eventLoop.makePromise(of: Void.self)
        let encoder = HTTPRequestEncoder()
        let decoder = ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .forwardBytes))
        var headers = HTTPHeaders([("Host", "\(server.host):\(server.port)")])
        if let authorization = proxy.authorization { headers.add(name: "Proxy-Authorization", value: authorization) }
        do {
            let operations = channel.pipeline.syncOperations
            try operations.addHandlers(
                encoder,
                decoder,
                NIOHTTP1ProxyConnectHandler(
                    targetHost: server.host,
                    targetPort: server.port,
                    headers: headers,
                    deadline: .now() + Self.proxyTimeout,
                    promise: connected
                )
            )
        } catch {
            connected.fail(error)
        }
        let handlers = NIOLoopBound((encoder, decoder), eventLoop: eventLoop)
        return connected.futureResult.flatMap {
            let operations = channel.pipeline.syncOperations
            let (encoder, decoder) = handlers.value
            logger.debug(
                "the proxy \(proxy.host):\(proxy.port) connected us to \(server.host):\(server.port)",
                metadata: ["ms": .milliseconds(since: began)]
            )
            return operations.removeHandler(encoder).and(operations.removeHandler(decoder)).map { _ in }
        }.flatMapErrorThrowing { error in
            channel.close(promise: nil)
            throw ConnectFailure.unreachable(
                "the proxy \(proxy.host):\(proxy.port) did not connect us: \(ErrorText.describe(error))"
            )
        }
    }
}
