import NIOCore
import TPoTTraffic
import TPoTTunnel
import TestSupport
import Testing

/// What a client waits for when it is asked to stop. It may take longer here than the time limit of the tests, so a
/// needless wait fails the test.
@Suite(.timeLimit(.minutes(3))) struct StoppingTests {
    private static let drain = TimeAmount.minutes(10)

    /// - Parameter cause: what the end of a conversation also says if the server supports the extension.
    @Test(arguments: [("", [UInt8]()), ("cause", [4, 0, 0, 0, 0, 0, 0, 0, 0])])
    func heldRequestsAreRefused(extensions: String, cause: [UInt8]) async throws {
        let listener = try await RawListener.start()
        let bus = TrafficBus(bodyLimit: 0)
        let events = TunnelEvents(bus)
        let client = try await Tunnel.makeClient(serverPort: listener.port, target: "localhost:1", bus: bus)
        client.start()
        let server = try await ScriptedServer.accept(listener, extensions: extensions)
        _ = try await client.firstURL.get()
        client.hold()
        try await events.wait { $0 == .holding(true) }
        server.open(1)
        server.data(1, "GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n")
        // No request has come on this conversation yet.
        server.open(2)
        for _ in 1...2 {
            try await events.next { if case .requestHead = $0.kind { true } else { false } }
        }
        client.stop(drain: Self.drain)
        #expect(try await server.nextMessage() == [0x12, 1, 0, 0x4e])
        #expect(try await server.nextMessage() == [0x12, 1, 0, 0x58] + cause)
        #expect(try await server.nextMessage() == [8, 0x03, 0xe8])
        #expect(try await client.outcome.get() == nil)
        #expect(client.requestsRefused == 2)
    }

    /// That answer is under way, even though another request came after it.
    @Test func anAnswerBeforeAHeldRequestIsWaitedFor() async throws {
        let target = try await RawListener.start()
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let events = TunnelEvents(tunnel.bus)
        let visitor = try await tunnel.visitor()
        visitor.send(tunnel.request("/first"))
        let connection = try await target.next()
        _ = try await connection.readMessage()
        tunnel.client.hold()
        try await events.wait { $0 == .holding(true) }
        visitor.send(tunnel.request("/second"))
        try await events.next { event in
            if case .requestHead(let head, _) = event.kind {
                head.starts(with: Array("GET /second".utf8))
            } else {
                false
            }
        }
        tunnel.client.stop(drain: Self.drain)
        // When this returns, the stop has begun.
        #expect(try await tunnel.client.probeTarget().get() == nil)
        connection.send(Targets.answer("the first"))
        #expect(try await visitor.readMessage().hasSuffix("the first"))
        #expect(try await visitor.readToEnd().text.hasPrefix("HTTP/1.1 503 "))
        #expect(try await tunnel.client.outcome.get() == nil)
        #expect(tunnel.client.requestsRefused == 1)
        try await tunnel.server.stop().get()
    }

    /// The rest of the request would wait for ever, whether it has arrived or not.
    @Test(arguments: ["", "rest"]) func aRequestThatIsPartlyHeldIsRefused(rest: String) async throws {
        let target = try await RawListener.start()
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let events = TunnelEvents(tunnel.bus)
        let visitor = try await tunnel.visitor()
        visitor.send(tunnel.request("/upload", method: "POST", fields: "Content-Length: 8\r\n") + "half")
        let connection = try await target.next()
        try await connection.read(through: "half")
        tunnel.client.hold()
        try await events.wait { $0 == .holding(true) }
        if !rest.isEmpty {
            visitor.send(rest)
            try await events.next { if case .requestEnd = $0.kind { true } else { false } }
        }
        tunnel.client.stop(drain: Self.drain)
        #expect(try await visitor.readToEnd().text.hasPrefix("HTTP/1.1 503 "))
        #expect(try await tunnel.client.outcome.get() == nil)
        #expect(tunnel.client.requestsRefused == 1)
        try await tunnel.server.stop().get()
    }

    /// For example, a browser may wait for a hot reload for hours.
    @Test func anOpenWebSocketIsNotWaitedFor() async throws {
        let target = try await RawListener.start()
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let visitor = try await tunnel.visitor()
        visitor.send(tunnel.request("/", fields: "Connection: Upgrade\r\nUpgrade: websocket\r\n"))
        let connection = try await target.next()
        try await connection.read(through: "\r\n\r\n")
        connection.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello")
        try await visitor.read(through: "hello")
        tunnel.client.stop(drain: Self.drain)
        #expect(try await tunnel.client.outcome.get() == nil)
        _ = try await connection.ended()
        try await tunnel.server.stop().get()
    }
}
