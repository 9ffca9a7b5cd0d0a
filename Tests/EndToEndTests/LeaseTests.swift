import TPoTDashboard
import TPoTTraffic
import TPoTTunnel
import TestSupport
import Testing

@testable import TPoTCommand
@testable import TPoTWire

private let someSecret = "0123456789-abcdefghij_KLM"

/// A lease keeps a name for the client that had it.
/// Both sides are tested together, and each with a peer that breaks the rules.
@Suite(.timeLimit(.minutes(3))) struct LeaseTests {
    private static let request = "GET / HTTP/1.1\r\nHost: odd.localhost\r\n\r\n"
    private static let answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

    // MARK: Both

    @Test func aRequestDuringALossIsAnsweredAfterwards() async throws {
        let target = try await Targets.fixed(Targets.answer("back"))
        let (log, nowhere) = (LogLines(), try RefusedPort.take())
        let server = try await Tunnel.startServer(key: Tunnel.key, logger: log.logger(.debug))
        let relay = try await Relay.start(to: server.port)
        let client = try await Tunnel.makeClient(
            serverPort: relay.port,
            target: "localhost:\(target.port)",
            name: "odd"
        ) {
            $0.authKey = Tunnel.key
        }
        client.start()
        _ = try await client.firstURL.get()
        relay.destination.withLockedValue { $0 = nowhere }
        relay.cut()
        try await log.line(with: "the name is kept for its client")
        let visitor = try await RawPeer.connect(port: server.port)
        visitor.send(Self.request)
        try await log.line(with: "a request waits for its tunnel")
        // No other client gets the name meanwhile, not even with the key.
        let thief = try await Tunnel.makeClient(serverPort: server.port, target: "1", name: "odd") {
            $0.authKey = Tunnel.key
        }
        thief.start()
        guard case .subdomainKept(let detail, _) = try await thief.outcome.get() else {
            Issue.record("the name was given away")
            return
        }
        #expect(detail.contains("kept for the client that had it"))
        relay.destination.withLockedValue { $0 = server.port }
        #expect(try await visitor.readMessage().hasSuffix("back"))
        try await log.line(with: "with its lease")
        client.stop()
        _ = try await client.outcome.get()
        try await server.stop().get()
    }

    @Test func aClientThatStopsGivesItsNameBack() async throws {
        let tunnel = try await Tunnel.start(target: "1", name: "odd")
        tunnel.client.stop()
        _ = try await tunnel.client.outcome.get()
        // While the close frame is under way, the name is still in use. It is never kept for the client.
        while true {
            let (_, answer) = try await ask(tunnel.server)
            if answer.hasPrefix("HTTP/1.1 101 ") { break }
            #expect(!answer.contains("kept"))
        }
        try await tunnel.server.stop().get()
    }

    // MARK: The server

    /// Asks for a tunnel and returns the server's answer.
    private func ask(_ server: TunnelServer, _ fields: String = "") async throws -> (RawPeer, String) {
        let peer = try await RawPeer.connect(port: server.port)
        peer.send(
            "GET /create-tpot?subdomain=odd HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\(fields)\r\n"
        )
        let head = try await peer.read(through: "\r\n\r\n")
        if head.hasPrefix("HTTP/1.1 101 ") { return (peer, head) }
        return (peer, head + (try await peer.readToEnd().text))
    }

    private func secret(in answer: String) throws -> String {
        let line = answer.split(separator: "\r\n").first { $0.lowercased().hasPrefix("tpot-lease: ") }
        return String(try #require(line).dropFirst("tpot-lease: ".count))
    }

    @Test func theSecretGetsTheNameAndClosesTheOldLink() async throws {
        let server = try await Tunnel.startServer()
        let old = try await ScriptedClient.connect(port: server.port, name: "odd", extensions: "lease")
        let secret = try secret(in: old.answer)
        let visitor = try await RawPeer.connect(port: server.port)
        visitor.send(Self.request)
        _ = try await old.nextRequest()
        // A wrong secret is ignored, and so is the right one without the extension.
        for fields in ["TPoT-Extensions: lease\r\nTPoT-Lease: \(someSecret)\r\n", "TPoT-Lease: \(secret)\r\n"] {
            let (_, answer) = try await ask(server, fields)
            #expect(answer.hasPrefix("HTTP/1.1 409 ") && answer.hasSuffix("(subdomain is already in use)\n"))
        }
        let fields = "TPoT-Lease: \(secret)\r\n"
        let new = try await ScriptedClient.connect(port: server.port, name: "odd", extensions: "lease", fields: fields)
        #expect(try self.secret(in: new.answer) != secret)
        #expect(try await old.closeCode() == 4181)
        #expect(try await visitor.readToEnd().text.hasPrefix("HTTP/1.1 503 "))
        // What had been sent to the old link is not sent to the new one.
        let next = try await RawPeer.connect(port: server.port)
        next.send(Self.request.replacing("GET /", with: "GET /next"))
        #expect(try await new.nextMessage().prefix(2) == [0x11, 0x48])
        #expect(try await new.nextMessage().dropFirst(4).starts(with: Array("GET /next ".utf8)))
        try await server.stop().get()
    }

    @Test func waitingRequestsGoToTheNewLinkInOrder() async throws {
        let log = LogLines()
        let server = try await Tunnel.startServer(logger: log.logger(.debug))
        let old = try await ScriptedClient.connect(port: server.port, name: "odd", extensions: "lease")
        old.peer.close()
        try await log.line(with: "the name is kept for its client")
        var visitors: [RawPeer] = []
        for number in 1...5 {
            let visitor = try await RawPeer.connect(port: server.port)
            visitor.send(Self.request.replacing("GET /", with: "GET /\(number)"))
            visitors.append(visitor)
            try await log.lines(with: "a request waits for its tunnel", count: number)
        }
        let fields = "TPoT-Lease: \(try secret(in: old.answer))\r\n"
        let new = try await ScriptedClient.connect(port: server.port, name: "odd", extensions: "lease", fields: fields)
        // Opened in order; their requests take turns.
        var paths: [UInt16: String] = [:]
        while paths.count < 5 {
            let message = try await new.nextMessage()
            guard message[0] == 0x12 else { continue }
            let id = UInt16(message[1]) | UInt16(message[2]) << 8
            paths[id] = String(decoding: message.dropFirst(4).prefix(6), as: UTF8.self)
            new.send(ScriptedClient.data(id, Self.answer))
        }
        #expect(paths.sorted { $0.key < $1.key }.map(\.value) == (1...5).map { "GET /\($0)" })
        for visitor in visitors { #expect(try await visitor.readMessage() == Self.answer) }
        try await server.stop().get()
    }

    @Test func aLeaseDoesNotReplaceTheKey() async throws {
        let server = try await Tunnel.startServer(key: Tunnel.key)
        let client = try await Tunnel.makeClient(serverPort: server.port, target: "1", name: "odd") {
            $0.authKey = Tunnel.key
        }
        client.start()
        _ = try await client.firstURL.get()
        let (_, answer) = try await ask(server, "TPoT-Extensions: lease\r\nTPoT-Lease: \(someSecret)\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 401 "))
        client.stop()
        try await server.stop().get()
    }

    @Test func aClientWithoutTheExtensionGetsNoLease() async throws {
        let server = try await Tunnel.startServer()
        let client = try await ScriptedClient.connect(port: server.port, name: "odd")
        #expect(!client.answer.lowercased().contains("tpot-lease"))
        client.peer.close()
        // As soon as the loss is noticed, the name is free.
        while true {
            let (_, answer) = try await ask(server, "TPoT-Extensions: lease\r\n")
            if answer.hasPrefix("HTTP/1.1 101 ") { break }
            #expect(answer.hasSuffix("(subdomain is already in use)\n"))
        }
        try await server.stop().get()
    }

    @Test func aServerWithoutTheExtensionGivesNoLease() async throws {
        let server = try await Tunnel.startServer { $0.extensions.remove(.lease) }
        let (_, answer) = try await ask(server, "TPoT-Extensions: lease, half\r\n")
        #expect(answer.contains("TPoT-Extensions: half\r\n") && !answer.lowercased().contains("tpot-lease"))
        try await server.stop().get()
    }

    // MARK: The client

    private func startClient(
        _ listener: RawListener,
        _ change: (inout TunnelClientConfiguration) -> Void = { _ in }
    ) async throws -> TunnelClient {
        let client = try await Tunnel.makeClient(serverPort: listener.port, target: "1", name: "scripted", change)
        client.start()
        return client
    }

    @Test func theClientSendsItsLatestLease() async throws {
        let listener = try await RawListener.start()
        let client = try await startClient(listener)
        var expected: String?
        for secret in [someSecret, String(repeating: "x", count: 128)] {
            let server = try await ScriptedServer.accept(
                listener,
                extensions: "lease",
                fields: "tpot-lease: \(secret)\r\n"
            )
            #expect(server.request.contains("TPoT-Lease: \(expected ?? "")\r\n") == (expected != nil))
            expected = secret
            _ = try await client.firstURL.get()
            server.peer.close()
        }
        // After a refusal, the client does not send this lease again.
        let peer = try await listener.next()
        #expect(try await peer.read(through: "\r\n\r\n").contains("TPoT-Lease: \(expected ?? "")\r\n"))
        peer.send("HTTP/1.1 409 Conflict\r\nContent-Length: 39\r\n\r\nConflict (subdomain is already in use)\n")
        let again = try await ScriptedServer.accept(listener)
        #expect(!again.request.contains("TPoT-Lease"))
        client.stop()
    }

    @Test func aClientThatDoesNotReconnectAsksForNoLease() async throws {
        let listener = try await RawListener.start()
        let client = try await startClient(listener) { $0.reconnects = false }
        let server = try await ScriptedServer.accept(listener)
        #expect(server.request.contains("TPoT-Extensions: half, cause, ip6\r\n"))
        client.stop()
    }

    @Test func aClientThatWasTakenOverStops() async throws {
        let listener = try await RawListener.start()
        let client = try await startClient(listener)
        let server = try await ScriptedServer.accept(
            listener,
            extensions: "lease",
            fields: "TPoT-Lease: \(someSecret)\r\n"
        )
        _ = try await client.firstURL.get()
        server.send([0x10, 0x55], opcode: 8)
        let failure = try #require(try await client.outcome.get())
        #expect(failure == .lost(.takenOver))
        #expect(ExitStatus(failure) == .temporaryFailure)
        let text = FailureText(server: try ServerAddress("localhost")).text(failure)
        #expect(text.contains("was taken over by another client with the lease"))
    }

    /// A lease without a secret, with an invalid one, or with two; a secret without a lease.
    @Test(arguments: [
        ("lease", ""), ("lease", "TPoT-Lease: short\r\n"),
        ("lease", "TPoT-Lease: \(someSecret)\r\nTPoT-Lease: \(someSecret)\r\n"),
        ("half", "TPoT-Lease: \(someSecret)\r\n"),
    ])
    func anInvalidLeaseIsAProtocolError(extensions: String, fields: String) async throws {
        let listener = try await RawListener.start()
        let client = try await startClient(listener)
        _ = try await ScriptedServer.accept(listener, extensions: extensions, fields: fields)
        guard case .protocolError = try await client.outcome.get() else {
            Issue.record("the lease was accepted")
            return
        }
    }

    @Test func aTakeoverWithoutALeaseIsTreatedAsALoss() async throws {
        let (listener, bus) = (try await RawListener.start(), TrafficBus())
        let client = try await Tunnel.makeClient(serverPort: listener.port, target: "1", bus: bus)
        client.start()
        let server = try await ScriptedServer.accept(listener)
        _ = try await client.firstURL.get()
        server.send([0x10, 0x55], opcode: 8)
        // The client reconnects, as after any error of the server.
        _ = try await ScriptedServer.accept(listener)
        client.stop()
    }
}
