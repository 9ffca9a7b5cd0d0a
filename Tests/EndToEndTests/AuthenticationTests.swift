import TPoTDashboard
import TPoTTunnel
import TPoTWire
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite(.timeLimit(.minutes(3))) struct AuthenticationTests {
    @Test func theRightKeyOpensATunnel() async throws {
        let target = try await Targets.fixed(Targets.answer("in"))
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)", key: Tunnel.key)
        let visitor = try await tunnel.visitor()
        visitor.send(tunnel.request("/"))
        #expect(try await visitor.readMessage().hasSuffix("in"))
        try await tunnel.stop()
    }

    @Test(arguments: [nil, "another-key-that-is-also-long-enough-for-a-server"])
    func aWrongOrMissingKeyIsRefused(key: String?) async throws {
        let server = try await Tunnel.startServer(key: Tunnel.key)
        let client = try await Tunnel.makeClient(serverPort: server.port, target: "1") { $0.authKey = key }
        client.start()
        guard case .notAuthorized = try await client.outcome.get() else {
            Issue.record("let in")
            return
        }
        try await server.stop().get()
    }

    @Test func aProofIsAcceptedOnce() async throws {
        let server = try await Tunnel.startServer(key: Tunnel.key)
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        let header = try TunnelAuthorization(key: Tunnel.key, milliseconds: now, nonce: Array(0..<32)).headerValue
        let first = try await ask(server, header)
        #expect(try await first.read(through: "\r\n\r\n").hasPrefix("HTTP/1.1 101 "))
        let second = try await ask(server, header)
        #expect(try await second.readToEnd().text.hasPrefix("HTTP/1.1 401 "))
        try await server.stop().get()
    }

    // Off by minutes, because on a busy machine deriving the key may take longer than a small difference.
    @Test(arguments: [-300_000, 300_000]) func aProofFromAWrongClockIsRefused(drift: Int64) async throws {
        let server = try await Tunnel.startServer(key: Tunnel.key)
        let now = Int64(Date().timeIntervalSince1970 * 1000) + drift
        let header = try TunnelAuthorization(key: Tunnel.key, milliseconds: now, nonce: Array(0..<32)).headerValue
        #expect(try await ask(server, header).readToEnd().text.hasPrefix("HTTP/1.1 401 "))
        try await server.stop().get()
    }

    @Test func aTakenNameIsFreeOnceItsTunnelCloses() async throws {
        let target = try await Targets.fixed(Targets.answer("x"))
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)", name: "taken")
        let second = try await Tunnel.makeClient(serverPort: tunnel.port, target: "1", name: "taken")
        second.start()
        guard case .subdomainTaken = try await second.outcome.get() else {
            Issue.record("two have the same name")
            return
        }
        tunnel.client.stop()
        _ = try await tunnel.client.outcome.get()
        let third = try await Tunnel.makeClient(serverPort: tunnel.port, target: "1", name: "taken") {
            $0.waitsForServer = true
        }
        third.start()
        #expect(try await third.firstURL.get() == tunnel.url)
        third.stop()
        try await tunnel.server.stop().get()
    }

    private func ask(_ server: TunnelServer, _ header: String) async throws -> RawPeer {
        let peer = try await RawPeer.connect(port: server.port)
        peer.send(
            "GET /create-tpot HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + "Authorization: \(header)\r\n\r\n"
        )
        return peer
    }
}
