import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import TPoTNetwork
import TPoTWire

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Opens the tunnel's WebSocket: makes the connection and `Authorization` at the same time, then asks for the upgrade.
struct ServerConnector {
    let configuration: TunnelClientConfiguration
    let tls: NIOSSLContext?
    let eventLoop: any EventLoop
    let logger: Logger
    let lease: NIOLoopBoundBox<HeldLease>

    /// Connects, and adds `link` to the channel's pipeline once the server has agreed. Fails with ``ConnectFailure``.
    func connect(asking subdomain: Subdomain, _ link: TunnelLink) -> EventLoopFuture<any Channel> {
        let tunnelLink = NIOLoopBound(link, eventLoop: eventLoop)
        return attempt(asking: subdomain, authorization(), tunnelLink).flatMapErrorThrowing { error in
            let failure = ConnectFailure(error)
            lease.value.refused(failure)
            throw failure
        }
    }

    private func attempt(
        asking subdomain: Subdomain,
        _ authorization: EventLoopFuture<String?>,
        _ link: NIOLoopBound<TunnelLink>
    ) -> EventLoopFuture<any Channel> {
        let opener = ConnectionOpener(
            server: configuration.server,
            peer: .server,
            proxy: configuration.proxy,
            tls: tls,
            eventLoop: eventLoop,
            logger: logger
        )
        let upgraded = opener.open().flatMap { channel in
            upgrade(channel, asking: subdomain, authorization, link.value).map { channel }
        }.and(authorization).map { channel, _ in channel }
        guard let authorizer = configuration.authorizer else { return upgraded }
        return upgraded.flatMap { channel in
            eventLoop.makeFutureWithTask { await authorizer.accepted() }.map { channel }
        }.flatMapError { error in
            guard case .notAuthorized(let detail)? = error as? ConnectFailure else {
                return eventLoop.makeFailedFuture(error)
            }
            return eventLoop.makeFutureWithTask { try await authorizer.authorization(afterRefusal: detail) }
                .flatMap { next in
                    guard let next else { return eventLoop.makeFailedFuture(error) }
                    return attempt(asking: subdomain, eventLoop.makeSucceededFuture(next), link)
                }
        }
    }

    private func authorization() -> EventLoopFuture<String?> {
        if let key = configuration.authKey { return derive(from: key) }
        guard let authorizer = configuration.authorizer else { return eventLoop.makeSucceededFuture(nil) }
        return eventLoop.makeFutureWithTask { try await authorizer.authorization() }
    }

    private func derive(from key: String) -> EventLoopFuture<String?> {
        NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) {
            let milliseconds = Int64((Date().timeIntervalSince1970 * 1000).rounded())
            let nonce = RandomBytes.array(count: 32)
            return try TunnelAuthorization(key: key, milliseconds: milliseconds, nonce: nonce).headerValue
        }
    }

    // MARK: Upgrade

    /// The extensions to offer: a client that does not reconnect has no use for a lease.
    private var offered: TunnelExtensions {
        configuration.reconnects ? configuration.extensions : configuration.extensions.subtracting(.lease)
    }

    private func upgrade(
        _ channel: any Channel,
        asking subdomain: Subdomain,
        _ authorization: EventLoopFuture<String?>,
        _ link: TunnelLink
    ) -> EventLoopFuture<Void> {
        let upgraded = eventLoop.makePromise(of: Void.self)
        var headers = HTTPHeaders([("Host", configuration.server.hostHeader)])
        if !offered.isEmpty { headers.add(name: TunnelExtensions.header, value: offered.headerValue) }
        if let secret = lease.value.secret { headers.add(name: LeaseSecret.header, value: secret.text) }
        let request = NIOHTTP1.HTTPRequestHead(
            version: .http1_1,
            method: .GET,
            uri: "/create-tpot?subdomain=\(subdomain)",
            headers: headers
        )
        let handshake = ClientHandshakeHandler(
            request: request,
            isTLS: tls != nil,
            timeout: configuration.handshakeTimeout,
            upgraded: upgraded,
            logger: logger
        )
        let bound = NIOLoopBound(handshake, eventLoop: eventLoop)
        do {
            let operations = channel.pipeline.syncOperations
            try operations.addHTTPClientHandlers(
                leftOverBytesStrategy: .forwardBytes,
                withClientUpgrade: (
                    upgraders: [LinkClientUpgrader(link: link, offered: offered, lease, handshake)],
                    completionHandler: { context in
                        let handshake = bound.value
                        context.pipeline.syncOperations.removeHandler(handshake, promise: nil)
                        handshake.succeed()
                    }
                )
            )
            try operations.addHandler(handshake)
            authorization.assumeIsolated().whenComplete { result in
                switch result {
                case .success(let value): handshake.send(value)
                case .failure(let error): handshake.fail(error)
                }
            }
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
    private let offered: TunnelExtensions
    private let lease: NIOLoopBoundBox<HeldLease>
    private let request: ClientHandshakeHandler

    init(
        link: TunnelLink,
        offered: TunnelExtensions,
        _ lease: NIOLoopBoundBox<HeldLease>,
        _ request: ClientHandshakeHandler
    ) {
        self.link = link
        self.offered = offered
        self.lease = lease
        self.request = request
    }

    var supportedProtocol: String { handshake.supportedProtocol }
    var requiredUpgradeHeaders: [String] { handshake.requiredUpgradeHeaders }

    func addCustom(upgradeRequestHeaders: inout HTTPHeaders) {
        handshake.addCustom(upgradeRequestHeaders: &upgradeRequestHeaders)
    }

    func shouldAllowUpgrade(upgradeResponse: NIOHTTP1.HTTPResponseHead) -> Bool {
        guard handshake.shouldAllowUpgrade(upgradeResponse: upgradeResponse) else { return false }
        let named = upgradeResponse.headers[TunnelExtensions.header]
        guard let agreed = TunnelExtensions.agreed(headers: named, offered: offered) else {
            request.fail(ConnectFailure.protocolError("it agreed on extensions that were not offered"))
            return false
        }
        guard lease.value.granted(upgradeResponse.headers[LeaseSecret.header], agreed: agreed) else {
            request.fail(ConnectFailure.protocolError("its lease of the name is not as agreed on"))
            return false
        }
        link.extensions = agreed
        return true
    }

    func upgrade(context: ChannelHandlerContext, upgradeResponse: NIOHTTP1.HTTPResponseHead) -> EventLoopFuture<Void> {
        context.eventLoop.makeCompletedFuture {
            try context.pipeline.syncOperations.addHandler(link)
        }
    }
}
