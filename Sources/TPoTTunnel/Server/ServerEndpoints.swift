import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import TPoTNetwork
import TPoTWire

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The server's own endpoints, for one connection.
final class ServerEndpoints {
    static let createPath = "/create-tpot"
    private static let healthPath = "/healthz"

    /// Whether the target is the health check. It is the only endpoint that is served under an IP address, because the
    /// probes of orchestrators know no host name.
    static func isHealthCheck(_ target: some Collection<UInt8>) -> Bool {
        target.prefix { $0 != UInt8(ascii: "?") }.elementsEqual(healthPath.utf8)
    }

    private let server: ServerCore
    /// Why the upgrade that this connection asked for was refused.
    private var refusal: ServerRefusal?
    /// The time at which the request came.
    private var began = NIODeadline.now()
    /// The name that was asked for.
    private var asked: Subdomain?
    /// The tunnel that was admitted and waits for its upgrade.
    private(set) var admitted: ServerTunnel?
    /// The check of the client's key, which waits or is under way.
    private var check: AuthorizationVerifier.Check?
    /// The extensions that both the client and this server know.
    private var extensions: TunnelExtensions = []
    /// The lease secret with which the client asks for its former name.
    private var secret: LeaseSecret?

    init(server: ServerCore) {
        self.server = server
    }

    // MARK: Tunnels

    /// Checks a request for a tunnel. The tunnel exists from here on, so that its name is in use.
    func admit(_ head: NIOHTTP1.HTTPRequestHead, on channel: any Channel) -> EventLoopFuture<HTTPHeaders?> {
        let client = client(of: head, channel.remoteAddress)
        began = .now()
        server.refusals.noteProxy(of: client)
        extensions = TunnelExtensions(headers: head.headers[TunnelExtensions.header]).intersection(server.extensions)
        if extensions.contains(.lease) { secret = LeaseSecret(headers: head.headers[LeaseSecret.header]) }
        let check: AuthorizationVerifier.Check
        do throws(ServerRefusal) {
            let name = try requestedName(head)
            asked = name
            // Otherwise a web page could open tunnels to itself on a server of this machine, or from its reader's
            // address.
            if head.headers.contains(name: "Origin") { throw .fromPage }
            try server.refuseReserved(name)
            guard !server.isStopping else { throw .serverStopping }
            guard let verifier = server.verifier else { return open(for: client, on: channel) }
            check = try verifier.verify(
                head.headers.first(name: "Authorization"),
                from: client,
                unixTime: Int64(Date().timeIntervalSince1970 * 1000)
            )
        } catch {
            return refuse(error, client)
        }
        self.check = check
        channel.closeFuture.assumeIsolated().whenComplete { _ in self.server.verifier?.abandon(check) }
        let bound = NIOLoopBound(self, eventLoop: server.eventLoop)
        return check.result.flatMap { bound.value.open(for: client, on: channel) }
            .flatMapError { error in
                let refusal = (error as? ServerRefusal) ?? ServerRefusal(500, "the key could not be checked")
                return bound.value.refuse(refusal, client)
            }
    }

    /// Notes that the client sends nothing more.
    /// - Returns: whether the client counts as having given up, because it can no longer use a tunnel.
    func clientEnded() -> Bool {
        guard let check, check.isPending else { return false }
        server.verifier?.abandon(check)
        return true
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

    private func open(for client: ClientAddress, on channel: any Channel) -> EventLoopFuture<HTTPHeaders?> {
        guard channel.isActive else { return refuse(.clientGone, client) }
        let tunnel: ServerTunnel
        do throws(ServerRefusal) {
            tunnel = try server.openTunnel(asked, for: client, extensions, presenting: secret)
        } catch {
            return refuse(error, client)
        }
        admitted = tunnel
        noteHandshake("101", client, tunnel.subdomain)
        // The name is free again however the connection ends.
        channel.closeFuture.assumeIsolated().whenComplete { _ in
            tunnel.linkEnded(.connectionLost(.closed))
        }
        var headers = HTTPHeaders()
        if !extensions.isEmpty { headers.add(name: TunnelExtensions.header, value: extensions.headerValue) }
        if let lease = tunnel.lease { headers.add(name: LeaseSecret.header, value: lease.text) }
        return server.eventLoop.makeSucceededFuture(headers)
    }

    private func refuse(_ refusal: ServerRefusal, _ client: ClientAddress) -> EventLoopFuture<HTTPHeaders?> {
        // If the key is right and the name is in use, this is called twice.
        if self.refusal == nil {
            self.refusal = refusal
            noteHandshake("\(refusal.status) \(refusal.detail)", client, asked)
            if refusal != .clientGone { server.refusals.note(refusal, of: client, asked) }
        }
        return server.refusals.answer(refusal).map { nil }
    }

    private func noteHandshake(
        _ outcome: @autoclosure () -> String,
        _ client: ClientAddress,
        _ name: Subdomain?
    ) {
        server.logger.debug("handshake: \(outcome())", metadata: metadata(of: client, name))
    }

    private func metadata(of client: ClientAddress, _ name: Subdomain?) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["client": "\(client)", "ms": .milliseconds(since: began)]
        if let name { metadata["tunnel"] = "\(name)" }
        return metadata
    }

    /// The upgrade is complete, and the greeting was sent.
    func opened(_ tunnel: ServerTunnel) { server.letVisitorsGoOn(to: tunnel.subdomain) }

    // MARK: Everything else

    /// An answer to a request that was not upgraded.
    struct Answer {
        var status: HTTPResponseStatus
        var type: String
        var body: String
        /// Seconds.
        var retryAfter: Int?

        static let plainText = "text/plain; charset=utf-8"
    }

    func answer(to head: NIOHTTP1.HTTPRequestHead, from peer: SocketAddress?) -> Answer {
        let answer = answer(to: head)
        server.logger.debug(
            "answered \(answer.status.code) to \(VisibleText.line("\(head.method) \(path(of: head))", limit: 200))",
            metadata: ["client": "\(client(of: head, peer))"]
        )
        return answer
    }

    private func path(of head: NIOHTTP1.HTTPRequestHead) -> Substring { head.uri.prefix { $0 != "?" } }

    private func client(of head: NIOHTTP1.HTTPRequestHead, _ peer: SocketAddress?) -> ClientAddress {
        server.trustedProxies.client(peer: peer, forwardedFor: head.headers["X-Forwarded-For"])
    }

    private func answer(to head: NIOHTTP1.HTTPRequestHead) -> Answer {
        let path = path(of: head)
        switch path {
        case Substring(Self.healthPath) where head.method == .GET || head.method == .HEAD:
            return Answer(status: .ok, type: Answer.plainText, body: "ok\n")
        case "/tpot-auth" where head.method == .GET || head.method == .HEAD:
            let method = server.verifier == nil ? "none" : "static_key"
            return Answer(status: .ok, type: "application/json", body: "{\"method\":\"\(method)\"}\n")
        case Substring(Self.healthPath), "/tpot-auth":
            return plain(ServerRefusal(405, "only GET is answered here"))
        default:
            if let refusal { return plain(refusal) }
            guard path == Self.createPath else { return plain(ServerRefusal(404, "no such path")) }
            guard head.method == .GET else { return plain(ServerRefusal(405, "a tunnel is asked for with GET")) }
            return plain(ServerRefusal(400, "a tunnel is asked for with a WebSocket upgrade, version 13"))
        }
    }

    private func plain(_ refusal: ServerRefusal) -> Answer {
        Answer(
            status: HTTPResponseStatus(statusCode: refusal.status),
            type: Answer.plainText,
            body: refusal.body,
            retryAfter: refusal.retryAfter
        )
    }
}

/// Leaves the handshake to NIOWebSocket and then installs our own frame layer.
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
            link.sender.send(.greeting(tunnel.subdomain))
            endpoints.opened(tunnel)
        }
    }
}
