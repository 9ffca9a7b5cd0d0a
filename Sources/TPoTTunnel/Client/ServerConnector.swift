import NIOCore
import NIOExtras
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import TPoTWire

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Opens the tunnel's WebSocket: name look-up and key derivation at once, then proxy, TLS and the upgrade.
struct ServerConnector {
    static let connectTimeout = TimeAmount.seconds(10)
    /// From the TCP connection to the answer to the upgrade.
    static let handshakeTimeout = TimeAmount.seconds(15)

    let configuration: TunnelClientConfiguration
    let tls: NIOSSLContext?
    let eventLoop: any EventLoop

    /// Connects, and puts `link` into the channel's pipeline when the server has agreed. Fails with ``ConnectFailure``.
    func connect(asking subdomain: Subdomain?, _ link: TunnelLink) -> EventLoopFuture<any Channel> {
        let authorization = deriveAuthorization()
        let tunnelLink = NIOLoopBound(link, eventLoop: eventLoop)
        return openConnection().and(authorization).flatMap { channel, authorization in
            upgrade(channel, asking: subdomain, authorization, tunnelLink.value).map { channel }
        }.flatMapErrorThrowing { error in
            throw (error as? ConnectFailure) ?? ConnectFailure.unreachable(ErrorText.describe(error))
        }
    }

    private func deriveAuthorization() -> EventLoopFuture<String?> {
        guard let key = configuration.authKey else { return eventLoop.makeSucceededFuture(nil) }
        return NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) {
            let milliseconds = Int64((Date().timeIntervalSince1970 * 1000).rounded())
            let nonce = RandomBytes.array(count: 32)
            return try TunnelAuthorization(key: key, milliseconds: milliseconds, nonce: nonce).headerValue
        }
    }

    // MARK: TCP, proxy, TLS

    private func openConnection() -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(Self.connectTimeout)
            .channelOption(.writeBufferWaterMark, value: LinkBuffers.waterMark)
            .channelOption(.recvAllocator, value: LinkBuffers.allocator)
        #if os(Linux)
        let connecting = bootstrap.channelOption(LinkBuffers.unsentOption, value: LinkBuffers.unsentBytes)
        #else
        let connecting = bootstrap
        #endif
        let host = configuration.proxy?.host ?? configuration.server.host
        let port = configuration.proxy?.port ?? configuration.server.port
        return connecting.connect(host: host, port: port).flatMap { channel in
            throughProxy(channel).flatMapThrowing {
                if let tls {
                    try channel.pipeline.syncOperations.addHandler(
                        NIOSSLClientHandler(context: tls, serverHostname: configuration.server.tlsServerName)
                    )
                }
                return channel
            }
        }
    }

    private func throughProxy(_ channel: any Channel) -> EventLoopFuture<Void> {
        guard let proxy = configuration.proxy else { return eventLoop.makeSucceededVoidFuture() }
        let connected = eventLoop.makePromise(of: Void.self)
        let encoder = HTTPRequestEncoder()
        let decoder = ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .forwardBytes))
        var headers = HTTPHeaders([("Host", "\(configuration.server.host):\(configuration.server.port)")])
        if let authorization = proxy.authorization { headers.add(name: "Proxy-Authorization", value: authorization) }
        do {
            let operations = channel.pipeline.syncOperations
            try operations.addHandlers(
                encoder,
                decoder,
                NIOHTTP1ProxyConnectHandler(
                    targetHost: configuration.server.host,
                    targetPort: configuration.server.port,
                    headers: headers,
                    deadline: .now() + Self.handshakeTimeout,
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
            return operations.removeHandler(encoder).and(operations.removeHandler(decoder)).map { _ in }
        }.flatMapErrorThrowing { error in
            channel.close(promise: nil)
            throw ConnectFailure.unreachable(
                "the proxy \(proxy.host):\(proxy.port) did not connect us: \(ErrorText.describe(error))"
            )
        }
    }

    // MARK: Upgrade

    private func upgrade(
        _ channel: any Channel,
        asking subdomain: Subdomain?,
        _ authorization: String?,
        _ link: TunnelLink
    ) -> EventLoopFuture<Void> {
        let upgraded = eventLoop.makePromise(of: Void.self)
        var headers = HTTPHeaders([("Host", configuration.server.hostHeader)])
        if let authorization { headers.add(name: "Authorization", value: authorization) }
        let request = NIOHTTP1.HTTPRequestHead(
            version: .http1_1,
            method: .GET,
            uri: subdomain.map { "/create-tpot?subdomain=\($0)" } ?? "/create-tpot",
            headers: headers
        )
        let handshake = ClientHandshakeHandler(request: request, upgraded: upgraded)
        let bound = NIOLoopBound(handshake, eventLoop: eventLoop)
        do {
            let operations = channel.pipeline.syncOperations
            try operations.addHTTPClientHandlers(
                leftOverBytesStrategy: .forwardBytes,
                withClientUpgrade: (
                    upgraders: [LinkClientUpgrader(link: link)],
                    completionHandler: { context in
                        let handshake = bound.value
                        context.pipeline.syncOperations.removeHandler(handshake, promise: nil)
                        handshake.succeed()
                    }
                )
            )
            try operations.addHandler(handshake)
        } catch {
            upgraded.fail(error)
        }
        return upgraded.futureResult.flatMapErrorThrowing { error in
            channel.close(promise: nil)
            throw error
        }
    }
}

/// Leaves the handshake to NIOWebSocket and installs our own frame layer after it.
private final class LinkClientUpgrader: NIOHTTPClientProtocolUpgrader {
    private let handshake = NIOWebSocketClientUpgrader { channel, _ in channel.eventLoop.makeSucceededVoidFuture() }
    private let link: TunnelLink

    init(link: TunnelLink) {
        self.link = link
    }

    var supportedProtocol: String { handshake.supportedProtocol }
    var requiredUpgradeHeaders: [String] { handshake.requiredUpgradeHeaders }

    func addCustom(upgradeRequestHeaders: inout HTTPHeaders) {
        handshake.addCustom(upgradeRequestHeaders: &upgradeRequestHeaders)
    }

    func shouldAllowUpgrade(upgradeResponse: NIOHTTP1.HTTPResponseHead) -> Bool {
        handshake.shouldAllowUpgrade(upgradeResponse: upgradeResponse)
    }

    func upgrade(context: ChannelHandlerContext, upgradeResponse: NIOHTTP1.HTTPResponseHead) -> EventLoopFuture<Void> {
        context.eventLoop.makeCompletedFuture {
            try context.pipeline.syncOperations.addHandler(link)
        }
    }
}
