import Glibc
import TPoTTunnel
import TPoTWire
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct ReconnectionTests {
    @Test func whenTheServerComesBackTheTunnelIsThereUnderTheSameName() async throws {
        let target = try await Targets.fixed(Targets.answer("again"))
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let port = tunnel.port
        let events = TunnelEvents(tunnel.bus)
        try await tunnel.server.stop().get()
        try await events.wait { if case .reconnecting = $0 { true } else { false } }
        let back = try await Tunnel.startServer(port: port)
        try await events.wait { $0 == .online(url: tunnel.url, isNew: false) }
        let visitor = try await RawPeer.connect(port: port)
        visitor.send(tunnel.request("/"))
        #expect(try await visitor.readMessage().hasSuffix("again"))
        tunnel.client.stop()
        try await back.stop().get()
    }

    @Test func aServerThatIsNotThereIsSaidSoAtOnce() async throws {
        let closed = try RefusedPort.take()
        #expect(try await outcome(port: closed) == .unreachable(.server, .system(errno: ECONNREFUSED)))
    }

    @Test func aWebServerIsNotTakenForATunnelServer() async throws {
        let web = try await Targets.fixed(Targets.answer("welcome"))
        guard case .notATunnelServer = try await outcome(port: web.port) else {
            Issue.record("taken for one")
            return
        }
    }

    @Test func whatSpeaksNoHTTPIsNotTakenForATunnelServer() async throws {
        let odd = try await RawListener.start { $0.send("SSH-2.0-OpenSSH_9.2p1\r\n") }
        guard case .notATunnelServer = try await outcome(port: odd.port) else {
            Issue.record("taken for one")
            return
        }
    }

    @Test func aServerThatClosesIsUnreachable() async throws {
        let rude = try await RawListener.start { $0.close() }
        guard case .unreachable = try await outcome(port: rude.port) else {
            Issue.record("taken for something else")
            return
        }
    }

    @Test func aClientToldToWaitKeepsTrying() async throws {
        let place = try await RawListener.start()
        try await place.stop()
        let client = try await Tunnel.makeClient(serverPort: place.port, target: "1") { $0.waitsForServer = true }
        client.start()
        let server = try await Tunnel.startServer(port: place.port)
        #expect(try await client.firstURL.get().hasSuffix(":\(place.port)"))
        client.stop()
        try await server.stop().get()
    }

    @Test func waitingDoesNotMakeAWrongKeyRight() async throws {
        let server = try await Tunnel.startServer(key: Tunnel.key)
        let client = try await Tunnel.makeClient(serverPort: server.port, target: "1") {
            $0.authKey = "another key"
            $0.waitsForServer = true
        }
        client.start()
        guard case .notAuthorized = try await client.outcome.get() else {
            Issue.record("it gave up for another reason")
            return
        }
        try await server.stop().get()
    }

    /// RFC 6761 section 6.3; no resolver is asked.
    @Test func namesBelowLocalhostAreThisMachine() async throws {
        let target = try await Targets.fixed(Targets.answer("here"))
        let tunnel = try await Tunnel.start(target: "app.localhost:\(target.port)")
        let client = try await Tunnel.makeClient(serverPort: tunnel.port, target: "1") {
            $0.server = ServerAddress(scheme: .http, host: "tpot.localhost", port: tunnel.port)
        }
        client.start()
        // It was reached, and takes the name for that of a tunnel.
        guard case .refused(status: 503, _) = try await client.outcome.get() else {
            Issue.record("it was not reached")
            return
        }
        let visitor = try await tunnel.visitor()
        visitor.send(tunnel.request("/"))
        #expect(try await visitor.readMessage().hasSuffix("here"))
        try await tunnel.stop()
    }

    @Test func aClientToldNotToReconnectStops() async throws {
        let tunnel = try await Tunnel.start(target: "1") { $0.reconnects = false }
        try await tunnel.server.stop().get()
        guard case .lost = try await tunnel.client.outcome.get() else {
            Issue.record("it did not stop")
            return
        }
    }

    private func outcome(port: Int) async throws -> ConnectFailure? {
        let client = try await Tunnel.makeClient(serverPort: port, target: "1")
        client.start()
        return try await client.outcome.get()
    }
}
