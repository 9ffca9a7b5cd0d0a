import TPoTTraffic
import TPoTTunnel
import TestSupport
import Testing

/// How the client handles a server that behaves like the original servers, or worse.
@Suite(.timeLimit(.minutes(3))) struct OddServerTests {
    @Test(arguments: [1, 32_767, 32_768, 65_535] as [UInt16])
    func conversationIDsAreUnsigned(id: UInt16) async throws {
        let (server, client, _) = try await start(target: try await Targets.fixed(Targets.answer("hi")))
        server.open(id)
        server.data(id, "GET / HTTP/1.1\r\nHost: scripted.localhost\r\n\r\n")
        #expect(try await server.answer(id, through: "hi").hasPrefix("HTTP/1.1 200 OK"))
        server.control(id, "X")
        try await server.expect(id, "X")
        client.stop()
    }

    @Test func anIDMayBeReusedAfterTheVisitorClosed() async throws {
        let (server, client, _) = try await start(target: try await Targets.fixed(Targets.answer("hi")))
        for _ in 1...50 {
            server.open(7)
            server.data(7, "GET / HTTP/1.1\r\nHost: scripted.localhost\r\n\r\n")
            _ = try await server.answer(7, through: "hi")
            server.control(7, "X")
            try await server.expect(7, "X")
        }
        client.stop()
    }

    @Test func repeatedAndUnknownMessagesDoNoHarm() async throws {
        let (server, client, _) = try await start(target: try await Targets.fixed(Targets.answer("hi")))
        server.control(99, "X")
        server.control(99, "P")
        server.data(99, "for nobody")
        server.open(3)
        for code in ["C", "P", "P", "P", "C"] as [Character] { server.control(3, code) }
        server.data(3, "GET / HTTP/1.1\r\nHost: scripted.localhost\r\n\r\n")
        _ = try await server.answer(3, through: "hi")
        server.control(3, "X")
        server.control(3, "X")
        server.open(4)
        server.data(4, "GET / HTTP/1.1\r\nHost: scripted.localhost\r\n\r\n")
        _ = try await server.answer(4, through: "hi")
        client.stop()
    }

    @Test func aPausedConversationDoesNotDelayOthers() async throws {
        let (server, client, _) = try await start(target: try await Targets.fixed(Targets.answer("hi")))
        server.open(1)
        server.control(1, "P")
        server.data(1, "GET /1 HTTP/1.1\r\nHost: scripted.localhost\r\n\r\n")
        server.open(2)
        server.data(2, "GET /2 HTTP/1.1\r\nHost: scripted.localhost\r\n\r\n")
        var message = try await server.nextMessage()
        #expect(message.prefix(4) == [0x12, 2, 0, 0x44])
        server.control(1, "C")
        message = try await server.nextMessage()
        #expect(message.prefix(4) == [0x12, 1, 0, 0x44])
        client.stop()
    }

    @Test func aRefusingTargetIsReportedWithBothMessages() async throws {
        let closed = try RefusedPort.take()
        let (server, client, _) = try await start(targetPort: closed)
        server.open(5)
        server.data(5, "GET / HTTP/1.1\r\nHost: scripted.localhost\r\n\r\n")
        #expect(try await server.nextMessage() == [0x12, 5, 0, 0x4e])
        #expect(try await server.nextMessage() == [0x12, 5, 0, 0x58])
        client.stop()
    }

    /// Only clients send the last one.
    @Test(arguments: [[0x12], [0x13, 0], [0x11, 0x5a], [0x12, 0, 0, 0x58], [], [0x12, 1, 0, 0x4e]] as [[UInt8]])
    func anInvalidMessageEndsTheTunnelAndTheClientReconnects(bytes: [UInt8]) async throws {
        let listener = try await RawListener.start()
        let client = try await Tunnel.makeClient(serverPort: listener.port, target: "1")
        client.start()
        let server = try await ScriptedServer.accept(listener)
        _ = try await client.firstURL.get()
        server.send(bytes)
        let close = try await server.nextMessage()
        #expect(close.prefix(3) == [8, 0x10, 0x54])
        let again = try await ScriptedServer.accept(listener)
        again.open(1)
        try await again.expect(1, "X")
        client.stop()
    }

    @Test(arguments: ["TPoT/2 name", "TPoT/1 -bad", "TPoT/1 \u{1b}[2J", "TPoT/1 "])
    func anInvalidGreetingIsAProtocolError(greeting: String) async throws {
        let listener = try await RawListener.start()
        let client = try await Tunnel.makeClient(serverPort: listener.port, target: "1")
        client.start()
        _ = try await ScriptedServer.accept(listener, greeting: [0x11, 0x47] + Array(greeting.utf8))
        guard case .protocolError = try await client.outcome.get() else {
            Issue.record("the greeting was accepted")
            return
        }
    }

    private func start(target: RawListener) async throws -> (ScriptedServer, TunnelClient, TrafficBus) {
        try await start(targetPort: target.port)
    }

    private func start(targetPort: Int) async throws -> (ScriptedServer, TunnelClient, TrafficBus) {
        let listener = try await RawListener.start()
        let bus = TrafficBus()
        let client = try await Tunnel.makeClient(
            serverPort: listener.port,
            target: "127.0.0.1:\(targetPort)",
            bus: bus
        )
        client.start()
        let server = try await ScriptedServer.accept(listener)
        #expect(try await client.firstURL.get() == "http://scripted.localhost:\(listener.port)")
        return (server, client, bus)
    }
}
