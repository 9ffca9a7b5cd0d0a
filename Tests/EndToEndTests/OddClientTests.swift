import TPoTTunnel
import TestSupport
import Testing

/// How the server handles a client that misbehaves. Visitors of other tunnels must not be affected.
@Suite(.timeLimit(.minutes(3))) struct OddClientTests {
    private let request = "GET / HTTP/1.1\r\nHost: odd.localhost\r\n\r\n"

    /// A server, a client of it, and a visitor whose request has reached the client.
    private func start() async throws -> (TunnelServer, ScriptedClient, RawPeer, UInt16) {
        let server = try await Tunnel.startServer()
        let client = try await ScriptedClient.connect(port: server.port, name: "odd")
        let visitor = try await RawPeer.connect(port: server.port)
        visitor.send(request)
        let id = try await client.nextRequest()
        return (server, client, visitor, id)
    }

    @Test func anUnrequestedAnswerDoesNotReachTheVisitor() async throws {
        let (server, client, visitor, id) = try await start()
        let answer = Targets.answer("asked for")
        client.send(ScriptedClient.data(id, answer + Targets.answer("poison")))
        let (text, ending) = try await visitor.readToEnd()
        #expect(text == answer)
        #expect(ending == .orderly)
        try await server.stop().get()
    }

    @Test func anAnswerAfterTheLastOneClosesTheConnection() async throws {
        let (server, client, visitor, id) = try await start()
        let answer = Targets.answer("asked for")
        // Some targets send an empty line after an answer. It is not an answer, and is dropped.
        client.send(ScriptedClient.data(id, answer), ScriptedClient.data(id, "\r\n"))
        #expect(try await visitor.readMessage() == answer)
        client.send(ScriptedClient.data(id, Targets.answer("poison")))
        let (text, ending) = try await visitor.readToEnd()
        #expect(text == "")
        #expect(ending == .orderly)
        #expect(try await client.nextMessage() == ScriptedClient.control(id, "X"))
        try await server.stop().get()
    }

    @Test func notConnectedAfterAnAnswerAddsNothing() async throws {
        let (server, client, visitor, id) = try await start()
        let answer = Targets.answer("asked for")
        client.send(ScriptedClient.data(id, answer), ScriptedClient.control(id, "N"), ScriptedClient.control(id, "X"))
        let (text, ending) = try await visitor.readToEnd()
        #expect(text == answer)
        #expect(ending == .orderly)
        #expect(try await client.nextMessage() == ScriptedClient.control(id, "X"))
        try await server.stop().get()
    }

    @Test func notConnectedAfterAnUpgradeAddsNothing() async throws {
        let server = try await Tunnel.startServer()
        let client = try await ScriptedClient.connect(port: server.port, name: "odd")
        let visitor = try await RawPeer.connect(port: server.port)
        visitor.send("GET / HTTP/1.1\r\nHost: odd.localhost\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
        let id = try await client.nextRequest()
        let switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nx"
        client.send(ScriptedClient.data(id, switching))
        #expect(try await visitor.read(through: "\r\n\r\nx") == switching)
        client.send(ScriptedClient.control(id, "N"))
        let (text, ending) = try await visitor.readToEnd()
        #expect(text == "")
        #expect(ending == .reset)
        try await server.stop().get()
    }

    /// An answer that the visitor does not read stays in the counted backlog. The server's own answer follows it.
    @Test func theServersOwnAnswerWaitsForTheOneBefore() async throws {
        let server = try await Tunnel.startServer()
        let client = try await ScriptedClient.connect(port: server.port, name: "odd")
        let visitor = try await RawPeer.connect(port: server.port, receiveBuffer: 64 * 1024)
        visitor.send(request)
        let id = try await client.nextRequest()
        let other = try await RawPeer.connect(port: server.port)
        other.send(request)
        let otherID = try await client.nextRequest()
        let body = String(repeating: "x", count: 12 << 20)
        client.send(ScriptedClient.data(id, "HTTP/1.1 200 OK\r\nContent-Length: \(12 << 20)\r\n\r\n"))
        try await visitor.read(through: "\r\n\r\n")
        try await visitor.stopReading()
        try await client.sendAndWait(ScriptedClient.data(id, body))
        // The client is asked to pause.
        #expect(try await client.nextMessage() == ScriptedClient.control(id, "P"))
        // When the answer that was sent next has arrived,
        // the server has the whole first one, and most of it waits there.
        client.send(ScriptedClient.data(otherID, Targets.answer("other")))
        _ = try await other.readMessage()
        visitor.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try await visitor.startReading()
        #expect(try await visitor.read(count: 12 << 20).count == 12 << 20)
        #expect(try await visitor.readToEnd().text.hasSuffix("\r\n\r\nok\n"))
        try await server.stop().get()
    }

    @Test func lineEndsBetweenAnswersCostLittle() async throws {
        let (server, client, visitor, id) = try await start()
        client.send(ScriptedClient.data(id, Targets.answer("whole")))
        _ = try await visitor.readMessage()
        let lineEnd = ScriptedClient.data(id, "\r\n")
        let clock = ContinuousClock()
        let began = clock.now
        client.send([[UInt8]](repeating: lineEnd, count: 30_000) + [ScriptedClient.data(id, "no answer")])
        #expect(try await visitor.readToEnd().text == "")
        // Scanning all earlier ones for each would take a minute in a debug build.
        #expect(clock.now - began < .seconds(20))
        try await server.stop().get()
    }

    @Test func bytesThatVisitorsDoNotReadAreBoundedInTotal() async throws {
        let server = try await Tunnel.startServer()
        let client = try await ScriptedClient.connect(port: server.port, name: "odd")
        var visitors: [RawPeer] = []
        var ids: [UInt16] = []
        for _ in 1...12 {
            let visitor = try await RawPeer.connect(port: server.port, receiveBuffer: 64 * 1024)
            try await visitor.stopReading()
            visitor.send(request)
            ids.append(try await client.nextRequest())
            visitors.append(visitor)
        }
        // Each visitor gets less than the limit for one visitor. The client ignores that it is asked to pause.
        for id in ids { client.send(ScriptedClient.data(id, "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")) }
        let megabyte = String(repeating: "x", count: 1 << 20)
        for _ in 1...12 {
            for id in ids { try await client.sendAndWait(ScriptedClient.data(id, megabyte)) }
        }
        var givenUp = 0
        while givenUp == 0 {
            let message = try await client.nextMessage()
            if message.count == 4, message[3] == 0x58 { givenUp += 1 }
        }
        // The tunnel stays open, and so do others.
        let other = try await Tunnel.start(
            target: "localhost:\(try await Targets.fixed(Targets.answer("other")).port)",
            server: server
        )
        let visitor = try await other.visitor()
        visitor.send(other.request("/"))
        #expect(try await visitor.readMessage().hasSuffix("other"))
        for visitor in visitors { visitor.close() }
        try await server.stop().get()
    }
}
