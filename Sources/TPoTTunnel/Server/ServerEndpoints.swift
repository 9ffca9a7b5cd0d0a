import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import TPoTWire

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What the server answers under its own name, for one connection.
final class ServerEndpoints {
    static let createPath = "/create-tpot"

    private let server: ServerCore
    /// Why the upgrade that this connection asked for was refused.
    private var refusal: ServerRefusal?
    /// The tunnel that was admitted and waits for its upgrade.
    private(set) var admitted: ServerTunnel?

    init(server: ServerCore) {
        self.server = server
    }

    // MARK: Tunnels

    /// Checks a request for a tunnel. The tunnel exists from here on, so that its name is taken.
    func admit(_ head: NIOHTTP1.HTTPRequestHead, on channel: any Channel) -> EventLoopFuture<HTTPHeaders?> {
        let client = server.trustedProxies.client(
            peer: channel.remoteAddress,
            forwardedFor: head.headers["X-Forwarded-For"]
        )
        let name: Subdomain?
        do {
            name = try requestedName(head)
        } catch {
            return refuse(error)
        }
        guard !server.isStopping else { return refuse(ServerRefusal(503, "the server is stopping")) }
        guard let verifier = server.verifier else { return open(name, for: client, on: channel) }
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        let bound = NIOLoopBound(self, eventLoop: server.eventLoop)
        return verifier.verify(head.headers.first(name: "Authorization"), now: now)
            .flatMap { bound.value.open(name, for: client, on: channel) }
            .flatMapErrorThrowing { error in
                let endpoints = bound.value
                let refusal = (error as? ServerRefusal) ?? ServerRefusal(500, "the key could not be checked")
                if endpoints.refusal == nil { endpoints.note(refusal, client) }
                throw refusal
            }
    }

    private func requestedName(_ head: NIOHTTP1.HTTPRequestHead) throws(ServerRefusal) -> Subdomain? {
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.first.map(String.init) == Self.createPath else { throw ServerRefusal(404, "no such path") }
        guard head.method == .GET else { throw ServerRefusal(405, "a tunnel is asked for with GET") }
        guard parts.count == 2 else { return nil }
        for field in parts[1].split(separator: "&") {
            let pair = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.first == "subdomain", pair.count == 2, !pair[1].isEmpty else { continue }
            // No character of a valid name is ever percent-encoded by a client.
            guard let name = Subdomain(String(pair[1])) else {
                throw ServerRefusal(400, "requested subdomain is invalid")
            }
            return name
        }
        return nil
    }

    private func open(
        _ name: Subdomain?,
        for client: ClientAddress,
        on channel: any Channel
    ) -> EventLoopFuture<HTTPHeaders?> {
        guard channel.isActive else { return refuse(ServerRefusal(400, "the client has gone")) }
        guard let tunnel = server.openTunnel(name, for: client) else {
            return refuse(ServerRefusal(409, "subdomain is already in use"))
        }
        admitted = tunnel
        // However the connection ends, its name is free again.
        channel.closeFuture.assumeIsolated().whenComplete { _ in
            tunnel.linkEnded(.connectionLost("the connection was closed"))
        }
        return server.eventLoop.makeSucceededFuture([:])
    }

    private func refuse(_ refusal: ServerRefusal) -> EventLoopFuture<HTTPHeaders?> {
        self.refusal = refusal
        return server.eventLoop.makeFailedFuture(refusal)
    }

    private func note(_ refusal: ServerRefusal, _ client: ClientAddress) {
        self.refusal = refusal
        server.logger.info("refused a tunnel to \(client): \(refusal.detail)")
    }

    // MARK: Everything else

    /// The answer to a request that was not upgraded: status, content type and body.
    func answer(to head: NIOHTTP1.HTTPRequestHead) -> (status: HTTPResponseStatus, type: String, body: String) {
        let path = head.uri.prefix { $0 != "?" }
        switch path {
        case "/healthz" where head.method == .GET || head.method == .HEAD:
            return (.ok, "text/plain; charset=utf-8", "ok\n")
        case "/tpot-auth" where head.method == .GET || head.method == .HEAD:
            let method = server.verifier == nil ? "none" : "static_key"
            return (.ok, "application/json", "{\"method\":\"\(method)\"}\n")
        case "/healthz", "/tpot-auth":
            return plain(ServerRefusal(405, "only GET is answered here"))
        default:
            if let refusal { return plain(refusal) }
            guard path == Self.createPath else { return plain(ServerRefusal(404, "no such path")) }
            guard head.method == .GET else { return plain(ServerRefusal(405, "a tunnel is asked for with GET")) }
            return plain(ServerRefusal(400, "a tunnel is asked for with a WebSocket upgrade, version 13"))
        }
    }

    private func plain(_ refusal: ServerRefusal) -> (status: HTTPResponseStatus, type: String, body: String) {
        let answer = ServerAnswer(status: refusal.status, detail: refusal.detail)
        return (HTTPResponseStatus(statusCode: refusal.status), "text/plain; charset=utf-8", answer.body)
    }
}

/// Leaves the handshake to NIOWebSocket and installs our own frame layer after it.
final class LinkServerUpgrader: HTTPServerProtocolUpgrader {
    private let endpoints: ServerEndpoints
    private let handshake: NIOWebSocketServerUpgrader

    init(_ endpoints: ServerEndpoints, eventLoop: any EventLoop) {
        self.endpoints = endpoints
        let bound = NIOLoopBound(endpoints, eventLoop: eventLoop)
        handshake = NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, head in bound.value.admit(head, on: channel) },
            upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() }
        )
    }

    var supportedProtocol: String { handshake.supportedProtocol }
    var requiredUpgradeHeaders: [String] { handshake.requiredUpgradeHeaders }

    func buildUpgradeResponse(
        channel: any Channel,
        upgradeRequest: NIOHTTP1.HTTPRequestHead,
        initialResponseHeaders: HTTPHeaders
    ) -> EventLoopFuture<HTTPHeaders> {
        handshake.buildUpgradeResponse(
            channel: channel,
            upgradeRequest: upgradeRequest,
            initialResponseHeaders: initialResponseHeaders
        )
    }

    func upgrade(context: ChannelHandlerContext, upgradeRequest: NIOHTTP1.HTTPRequestHead) -> EventLoopFuture<Void> {
        context.eventLoop.makeCompletedFuture {
            guard let tunnel = endpoints.admitted, let link = tunnel.link else {
                context.close(promise: nil)
                return
            }
            try context.pipeline.syncOperations.addHandler(link)
            link.send(.greeting(tunnel.subdomain))
        }
    }
}
