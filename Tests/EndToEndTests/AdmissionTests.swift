import Logging
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

/// Which clients get a tunnel, and how the others are refused.
@Suite(.timeLimit(.minutes(3))) struct AdmissionTests {
    /// Starts a server that trusts a proxy on the loopback.
    private func startServer(
        key: String? = nil,
        logger: Logger = Tunnel.quiet,
        _ change: (inout TunnelServerConfiguration) -> Void = { _ in }
    ) async throws -> TunnelServer {
        let proxies = try TrustedProxies("127.0.0.1")
        return try await Tunnel.startServer(key: key, logger: logger) {
            $0.trustedProxies = proxies
            change(&$0)
        }
    }

    /// Asks for a tunnel like a client with this address behind the proxy, or like one on this machine if it is nil.
    private func ask(
        _ server: TunnelServer,
        for name: String = "",
        from address: String? = nil,
        _ fields: String = ""
    ) async throws -> RawPeer {
        let peer = try await RawPeer.connect(port: server.port)
        ask(peer, for: name, from: address, fields)
        return peer
    }

    private func ask(_ peer: RawPeer, for name: String = "", from address: String? = nil, _ fields: String) {
        let forwarded = address.map { "X-Forwarded-For: 192.0.2.99, \($0)\r\n" } ?? ""
        peer.send(
            "GET /create-tpot?subdomain=\(name) HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
                + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + "\(forwarded)\(fields)\r\n"
        )
    }

    /// An authorization header with an invalid proof, which is fast to make.
    private func wrongKey(_ number: Int) -> String {
        let milliseconds = Int64(Date().timeIntervalSince1970 * 1000)
        let token = Data(repeating: 0, count: 128).base64EncodedString()
        let text = "\(Data("\(number)".utf8).base64EncodedString())\n\(milliseconds)\n\(token)"
        return "Authorization: TPoT-1 \(Data(text.utf8).base64EncodedString())\r\n"
    }

    private func rightKey() throws -> String {
        let milliseconds = Int64(Date().timeIntervalSince1970 * 1000)
        let made = try TunnelAuthorization(key: Tunnel.key, milliseconds: milliseconds, nonce: Array(0..<32))
        return "Authorization: \(made.headerValue)\r\n"
    }

    @Test func theTunnelsOfAnAddressAreLimited() async throws {
        let server = try await startServer { $0.maximumTunnels = 2 }
        let first = try await ask(server, from: "192.0.2.1")
        let second = try await ask(server, from: "192.0.2.1")
        for peer in [first, second] {
            #expect(try await peer.read(through: "\r\n\r\n").hasPrefix("HTTP/1.1 101 "))
        }
        let third = try await ask(server, from: "192.0.2.1").readToEnd().text
        #expect(third.hasPrefix("HTTP/1.1 429 Too Many Requests\r\n"))
        #expect(third.hasSuffix("Too Many Requests (this address has as many tunnels as it may have: 2)\n"))
        // Other addresses have limits of their own, and clients on this machine have none.
        for address in ["192.0.2.2", nil, nil, nil] {
            let peer = try await ask(server, from: address)
            #expect(try await peer.read(through: "\r\n\r\n").hasPrefix("HTTP/1.1 101 "))
        }
        // A tunnel that ends makes room.
        first.close()
        var answer = ""
        for _ in 1...20 where !answer.hasPrefix("HTTP/1.1 101 ") {
            answer = try await ask(server, from: "192.0.2.1").read(through: "\r\n\r\n")
        }
        #expect(answer.hasPrefix("HTTP/1.1 101 "))
        try await server.stop().get()
    }

    @Test func theLogHasTheClientsAddressAndTheTunnelsName() async throws {
        let log = LogLines()
        let server = try await startServer(logger: log.logger(.info))
        let holder = try await ask(server, for: "shop", from: "192.0.2.1")
        try await holder.read(through: "\r\n\r\n")
        for _ in 1...100 {
            #expect(try await ask(server, for: "shop", from: "192.0.2.2").readToEnd().text.hasPrefix("HTTP/1.1 409 "))
        }
        // Logged once a minute for each address.
        #expect(
            log.lines == [
                "info tunnel opened for 192.0.2.1 tunnel=shop",
                "info refused a tunnel to 192.0.2.2: subdomain is already in use tunnel=shop",
            ]
        )
        try await server.stop().get()
        #expect(
            log.lines.last
                == "info refused 99 more within a minute to 192.0.2.2, the last one: subdomain is already in use"
        )
    }

    @Test func aReservedNameIsRefused() async throws {
        let reserved = try Set(["www", "Admin"].map { try #require(Subdomain($0)) })
        let server = try await Tunnel.startServer { $0.reservedNames = reserved }
        let text = try await ask(server, for: "WWW").readToEnd().text
        #expect(text.hasPrefix("HTTP/1.1 403 Forbidden\r\n"))
        let client = try await Tunnel.makeClient(serverPort: server.port, target: "1", name: "admin") {
            $0.waitsForServer = true
        }
        client.start()
        let failure = try await client.outcome.get()
        #expect(failure == .nameReserved("Forbidden (this name is reserved)"))
        let other = try await ask(server, for: "www2")
        #expect(try await other.read(through: "\r\n\r\n").hasPrefix("HTTP/1.1 101 "))
        try await server.stop().get()
    }

    @Test(arguments: ["https://evil.example", "null", ""]) func aWebPageGetsNoTunnel(origin: String) async throws {
        let server = try await Tunnel.startServer()
        let text = try await ask(server, for: "page", "Origin: \(origin)\r\n").readToEnd().text
        #expect(text.hasPrefix("HTTP/1.1 403 Forbidden\r\n"))
        // The name is still free.
        let client = try await ask(server, for: "page")
        #expect(try await client.read(through: "\r\n\r\n").hasPrefix("HTTP/1.1 101 "))
        try await server.stop().get()
    }

    @Test func wrongKeysMakeOnlyTheirAddressWait() async throws {
        let server = try await startServer(key: Tunnel.key)
        for number in 1...5 {
            let text = try await ask(server, from: "192.0.2.1", wrongKey(number)).readToEnd().text
            #expect(text.hasPrefix("HTTP/1.1 401 "))
        }
        let refused = try await ask(server, from: "192.0.2.1", wrongKey(6)).readToEnd().text
        #expect(refused.hasPrefix("HTTP/1.1 429 "))
        #expect(refused.contains("\r\nretry-after: ") || refused.contains("\r\nRetry-After: "))
        #expect(refused.contains("too many wrong keys from this address: wait "))
        let honest = try await ask(server, from: "192.0.2.2", try rightKey())
        #expect(try await honest.read(through: "\r\n\r\n").hasPrefix("HTTP/1.1 101 "))
        try await server.stop().get()
    }

    /// If it were not forgotten, it would get its answer after the hundred clients before it.
    /// All connect before the first one asks, so that the hundred still wait when the last one leaves.
    @Test func aWaitingClientThatLeavesIsForgotten() async throws {
        let server = try await Tunnel.startServer(key: Tunnel.key)
        var before: [RawPeer] = []
        for _ in 1...100 { before.append(try await RawPeer.connect(port: server.port)) }
        let gone = try await RawPeer.connect(port: server.port)
        for (number, peer) in before.enumerated() { ask(peer, wrongKey(number)) }
        ask(gone, wrongKey(before.count))
        try await gone.halfClose()
        #expect(try await gone.readToEnd().text.hasPrefix("HTTP/1.1 400 "))
        #expect(try await before[99].readToEnd().text.hasPrefix("HTTP/1.1 401 "))
        try await server.stop().get()
    }

    @Test func aFirstConnectionIsTriedAgainWhileTheServerIsBusy() async throws {
        let listener = try await RawListener.start()
        let client = try await Tunnel.makeClient(serverPort: listener.port, target: "1")
        client.start()
        for _ in 1...2 {
            let peer = try await listener.next()
            try await peer.read(through: "\r\n\r\n")
            answer(peer, "Service Unavailable (too many clients connect at this moment)\n")
        }
        _ = try await ScriptedServer.accept(listener)
        _ = try await client.firstURL.get()
        client.stop()
    }

    @Test(arguments: ["<html>503 Service Temporarily Unavailable</html>", "Service Unavailable (tunnel not found)\n"])
    func anyOther503EndsTheClient(body: String) async throws {
        let listener = try await RawListener.start()
        let client = try await Tunnel.makeClient(serverPort: listener.port, target: "1")
        client.start()
        let peer = try await listener.next()
        try await peer.read(through: "\r\n\r\n")
        answer(peer, body)
        guard case .refused(status: 503, _) = try await client.outcome.get() else {
            Issue.record("the client tried again, or failed for another reason")
            return
        }
    }

    private func answer(_ peer: RawPeer, _ body: String) {
        peer.send("HTTP/1.1 503 Service Unavailable\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }
}
