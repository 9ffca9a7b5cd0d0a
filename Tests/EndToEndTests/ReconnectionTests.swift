import Glibc
import TPoTNetwork
import TPoTTraffic
import TPoTTunnel
import TPoTWire
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct ReconnectionTests {
    @Test func aTunnelReopensWithTheSameNameWhenTheServerIsBack() async throws {
        let target = try await Targets.fixed(Targets.answer("again"))
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let port = tunnel.port
        let events = TunnelEvents(tunnel.bus)
        try await tunnel.server.stop().get()
        try await events.wait { if case .reconnecting = $0 { true } else { false } }
        let back = try await Tunnel.startServer(port: port)
        try await events.wait { $0 == .online(url: tunnel.url) }
        let visitor = try await RawPeer.connect(port: port)
        visitor.send(tunnel.request("/"))
        #expect(try await visitor.readMessage().hasSuffix("again"))
        tunnel.client.stop()
        try await back.stop().get()
    }

    /// A proxy in front of several servers may choose one by this name.
    @Test func theClientDrawsARandomNameAndAnotherIfItIsTaken() async throws {
        let listener = try await RawListener.start()
        let bus = TrafficBus(bodyLimit: 0)
        let events = TunnelEvents(bus)
        let client = try await Tunnel.makeClient(serverPort: listener.port, target: "1", bus: bus)
        client.start()
        var names: Set<String> = []
        for _ in 1...6 {
            let peer = try await listener.next()
            names.insert(try name(askedFor: try await peer.read(through: "\r\n\r\n")))
            refuse(peer)
        }
        #expect(names.count == 6)
        #expect(names.allSatisfy { $0.count == 8 && Subdomain(exactly: $0) != nil })
        let failure = try #require(try await client.outcome.get())
        #expect(failure == .drawnNameTaken("Conflict (subdomain is already in use)"))
        try await events.wait { status in
            guard case .stopped(let reason) = status else { return false }
            #expect(reason.contains("the name that was drawn at random") && !reason.contains("choose another"))
            return true
        }
    }

    @Test func aNameThatTheUserAskedForIsNotReplaced() async throws {
        let listener = try await RawListener.start()
        let client = try await Tunnel.makeClient(serverPort: listener.port, target: "1", name: "mine")
        client.start()
        let peer = try await listener.next()
        #expect(try name(askedFor: try await peer.read(through: "\r\n\r\n")) == "mine")
        refuse(peer)
        #expect(try await client.outcome.get() == .subdomainTaken("Conflict (subdomain is already in use)"))
    }

    @Test func aRandomNameIsAskedForAgainAfterALoss() async throws {
        let listener = try await RawListener.start()
        let client = try await Tunnel.makeClient(serverPort: listener.port, target: "1")
        client.start()
        let first = try await listener.next()
        let request = try await first.read(through: "\r\n\r\n")
        let name = try name(askedFor: request)
        ScriptedServer.upgrade(first, request).send(Array("\u{11}GTPoT/1 \(name)".utf8))
        _ = try await client.firstURL.get()
        first.close()
        for _ in 1...2 {
            let again = try await listener.next()
            #expect(try self.name(askedFor: try await again.read(through: "\r\n\r\n")) == name)
            refuse(again)
        }
        client.stop()
    }

    private func name(askedFor request: String) throws -> String {
        let query = try #require(request.firstRange(of: "/create-tpot?subdomain="))
        return String(request[query.upperBound...].prefix { $0 != " " })
    }

    private func refuse(_ peer: RawPeer) {
        peer.send("HTTP/1.1 409 Conflict\r\nContent-Length: 39\r\n\r\nConflict (subdomain is already in use)\n")
    }

    @Test func aMissingServerIsReportedAtOnce() async throws {
        let closed = try RefusedPort.take()
        #expect(try await outcome(port: closed) == .notConnected(.unreachable(.server, .system(errno: ECONNREFUSED))))
    }

    @Test func aWebServerIsNotTakenForATunnelServer() async throws {
        let web = try await Targets.fixed(Targets.answer("welcome"))
        guard case .notATunnelServer = try await outcome(port: web.port) else {
            Issue.record("it was taken for a tunnel server")
            return
        }
    }

    @Test func aServerWithoutHTTPIsNotTakenForATunnelServer() async throws {
        let odd = try await RawListener.start { $0.send("SSH-2.0-OpenSSH_9.2p1\r\n") }
        guard case .notATunnelServer = try await outcome(port: odd.port) else {
            Issue.record("it was taken for a tunnel server")
            return
        }
    }

    @Test func aServerThatClosesIsUnreachable() async throws {
        let rude = try await RawListener.start { $0.close() }
        guard case .notConnected(.unreachable) = try await outcome(port: rude.port) else {
            Issue.record("it failed for another reason")
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

    @Test func aClientToldToWaitGivesUpWithAWrongKey() async throws {
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
        // The server was reached, and takes the name for that of a tunnel.
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
