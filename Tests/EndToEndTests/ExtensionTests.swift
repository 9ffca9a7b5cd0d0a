import NIOCore
import TPoTCapture
import TPoTTraffic
import TPoTTunnel
import TPoTWire
import TestSupport
import Testing

/// The extensions of the protocol between tpot's own client and server. Each side is tested with a peer that supports
/// them, with one that does not, and with one that breaks them.
@Suite(.timeLimit(.minutes(3))) struct ExtensionTests {
    private static let all = "half, cause, ip6"
    private static let request = "GET / HTTP/1.1\r\nHost: odd.localhost\r\n\r\n"
    private static let answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

    // MARK: Agreeing

    @Test(arguments: [
        ("half", "half"), ("CAUSE,  Half", "half, cause"), ("new, ip6,\tother", "ip6"), ("", ""), ("new", ""),
        ((1...17).map { "name\($0)" }.joined(separator: ",") + ", half", ""),
        ("half, " + String(repeating: "x", count: 33), ""),
    ])
    func theServerAgreesToTheExtensionsThatBothKnow(offered: String, agreed: String) async throws {
        let server = try await Tunnel.startServer()
        let client = try await ScriptedClient.connect(port: server.port, name: "odd", extensions: offered)
        #expect(client.answer.lowercased().contains("tpot-extensions: \(agreed)\r\n") == !agreed.isEmpty)
        #expect(client.answer.lowercased().contains("tpot-extensions") == !agreed.isEmpty)
        try await server.stop().get()
    }

    @Test func agreeingToAnExtensionThatWasNotOfferedIsAProtocolError() async throws {
        let listener = try await RawListener.start()
        let client = try await Tunnel.makeClient(serverPort: listener.port, target: "1") { $0.extensions = [.half] }
        client.start()
        _ = try await ScriptedServer.accept(listener, extensions: "half, cause")
        guard case .protocolError = try await client.outcome.get() else {
            Issue.record("the agreement was accepted")
            return
        }
    }

    @Test(arguments: ["E", "I"]) func aMessageOfAnExtensionThatWasNotAgreedToEndsTheTunnel(code: Character) async throws
    {
        let (listener, bus) = (try await RawListener.start(), TrafficBus())
        let client = try await Tunnel.makeClient(serverPort: listener.port, target: "1", bus: bus) {
            $0.reconnects = false
        }
        client.start()
        let server = try await ScriptedServer.accept(listener)
        if code == "E" { server.halfClosed(1, after: 0) } else { server.open6(1) }
        guard case .protocolError = try await client.outcome.get() else {
            Issue.record("the message was accepted")
            return
        }
    }

    // MARK: The server

    private func start(_ extensions: String = all) async throws -> (TunnelServer, ScriptedClient, RawPeer, UInt16) {
        let server = try await Tunnel.startServer()
        let client = try await ScriptedClient.connect(port: server.port, name: "odd", extensions: extensions)
        let visitor = try await RawPeer.connect(port: server.port)
        visitor.send(Self.request)
        return (server, client, visitor, try await client.nextRequest())
    }

    private static func ended(_ id: UInt16, _ cause: UInt8, taken: Int) -> [UInt8] {
        ScriptedClient.control(id, "X") + [cause] + (0..<8).map { UInt8(truncatingIfNeeded: taken >> ($0 * 8)) }
    }

    private static func halfClosed(_ id: UInt16, after total: Int) -> [UInt8] {
        ScriptedClient.control(id, "E") + (0..<8).map { UInt8(truncatingIfNeeded: total >> ($0 * 8)) }
    }

    @Test func aVisitorsHalfCloseIsPassedOnAndItsAnswerDelivered() async throws {
        let (server, client, visitor, id) = try await start()
        try await visitor.halfClose()
        #expect(try await client.nextMessage() == Self.halfClosed(id, after: Self.request.utf8.count))
        client.send(ScriptedClient.data(id, Self.answer))
        #expect(try await visitor.readToEnd().text == Self.answer)
        #expect(try await client.nextMessage() == Self.ended(id, 0, taken: Self.answer.utf8.count))
        try await server.stop().get()
    }

    @Test func aVisitorThatLeavesBeforeItsAnswerHasTakenNothing() async throws {
        let (server, client, visitor, id) = try await start()
        visitor.close()
        #expect(try await client.nextMessage() == Self.halfClosed(id, after: Self.request.utf8.count))
        client.send(ScriptedClient.data(id, Self.answer))
        #expect(try await client.nextMessage() == Self.ended(id, 1, taken: 0))
        try await server.stop().get()
    }

    @Test func aVisitorThatResetsIsReportedAsGone() async throws {
        let (server, client, visitor, id) = try await start()
        client.send(ScriptedClient.data(id, String(Self.answer.dropLast(2))))
        try await visitor.read(through: "hel")
        visitor.reset()
        let message = try await client.nextMessage()
        #expect(message.prefix(5) == Self.ended(id, 1, taken: 0).prefix(5))
        try await server.stop().get()
    }

    @Test func aVisitorThatEndsWithoutAnAnswerDueIsNotHalfClosed() async throws {
        let (server, client, visitor, id) = try await start()
        client.send(ScriptedClient.data(id, Self.answer))
        #expect(try await visitor.readMessage() == Self.answer)
        try await visitor.halfClose()
        #expect(try await client.nextMessage() == Self.ended(id, 0, taken: Self.answer.utf8.count))
        try await server.stop().get()
    }

    /// Without the extension, a visitor that has gone cannot be told from one that waits for its answer.
    @Test func withoutTheExtensionNothingNewIsSent() async throws {
        let (server, client, visitor, id) = try await start("")
        try await visitor.halfClose()
        client.send(ScriptedClient.data(id, Self.answer))
        #expect(try await visitor.readToEnd().text == Self.answer)
        #expect(try await client.nextMessage() == ScriptedClient.control(id, "X"))
        try await server.stop().get()
    }

    /// The answer ends where the target closes. Only the cause says that it is incomplete.
    @Test func anIncompleteAnswerWithoutALengthIsReset() async throws {
        let (server, client, visitor, id) = try await start()
        client.send(ScriptedClient.data(id, "HTTP/1.1 200 OK\r\n\r\nhalf of it"))
        try await visitor.read(through: "half of it")
        client.send(Self.ended(id, 1, taken: 0))
        #expect(try await visitor.readToEnd().ending == .reset)
        try await server.stop().get()
    }

    /// As in TCP, the other direction stays open.
    @Test func aTargetsHalfCloseAfterAnUpgradeReachesTheVisitor() async throws {
        let server = try await Tunnel.startServer()
        let client = try await ScriptedClient.connect(port: server.port, name: "odd", extensions: Self.all)
        let visitor = try await RawPeer.connect(port: server.port)
        visitor.send("GET / HTTP/1.1\r\nHost: odd.localhost\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
        let id = try await client.nextRequest()
        let switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nlast"
        client.send(ScriptedClient.data(id, switching), Self.halfClosed(id, after: switching.utf8.count))
        let (text, ending) = try await visitor.readToEnd()
        #expect(text == switching && ending == .orderly)
        visitor.send("still here")
        #expect(try await client.nextMessage() == ScriptedClient.data(id, "still here"))
        try await server.stop().get()
    }

    @Test(
        arguments: [
            [0x12, 1, 0, 0x58], [0x12, 1, 0, 0x58, 5, 0, 0, 0, 0, 0, 0, 0, 0],
            [0x12, 1, 0, 0x45, 0, 0, 0, 0, 0, 0, 0, 0],
            [0x12, 1, 0, 0x58, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ] as [[UInt8]]
    )
    func aClientThatBreaksAnExtensionLosesItsTunnel(message: [UInt8]) async throws {
        let (server, client, visitor, id) = try await start()
        #expect(id == 1)
        client.send(message)
        // The visitor reads that the tunnel was closed.
        #expect(try await visitor.readToEnd().text.hasPrefix("HTTP/1.1 503 "))
        try await server.stop().get()
    }

    // MARK: The client

    /// A client in front of a target, and a server that the test controls.
    private func startClient(
        target: Int,
        _ change: (inout TunnelClientConfiguration) -> Void = { _ in }
    ) async throws -> (ScriptedServer, TunnelClient, TunnelEvents) {
        let (listener, bus) = (try await RawListener.start(), TrafficBus())
        let target = "127.0.0.1:\(target)"
        let client = try await Tunnel.makeClient(serverPort: listener.port, target: target, bus: bus, change)
        client.start()
        let server = try await ScriptedServer.accept(listener, extensions: Self.all)
        #expect(server.request.lowercased().contains("tpot-extensions: half, cause, lease, ip6\r\n"))
        return (server, client, TunnelEvents(bus))
    }

    @Test func theTargetLearnsThatTheVisitorHasClosedItsHalf() async throws {
        let target = try await RawListener.start()
        let (server, client, _) = try await startClient(target: target.port)
        server.open(1)
        server.data(1, Self.request)
        server.halfClosed(1, after: Self.request.utf8.count)
        let connection = try await target.next()
        // Its input ends, but it can still answer.
        #expect(try await connection.readToEnd().ending == .orderly)
        connection.send(Self.answer)
        _ = try await server.answer(1, through: "hello")
        connection.close()
        while try await server.nextMessage().prefix(5) != [0x12, 1, 0, 0x58, 0] {}
        client.stop()
    }

    @Test(arguments: [
        (UInt8(0), ExchangeState.finished), (1, .aborted(.visitorGone)), (2, .aborted(.visitorGoneUnsure)),
    ])
    func anExchangeEndsWhenTheServerSaysWhatTheVisitorTook(cause: UInt8, state: ExchangeState) async throws {
        let target = try await RawListener.start()
        let (server, client, events) = try await startClient(target: target.port)
        server.open(1)
        server.data(1, Self.request)
        server.halfClosed(1, after: Self.request.utf8.count)
        let connection = try await target.next()
        _ = try await connection.read(through: "\r\n\r\n")
        connection.send(Self.answer)
        _ = try await server.answer(1, through: "hello")
        server.ended(1, cause: cause, taken: cause == 0 ? Self.answer.utf8.count : 0)
        #expect(try await events.exchange(1).state == state)
        client.stop()
    }

    @Test(arguments: [
        (0, "a second half-close"), (1, "data beyond the total"), (2, "a total of less than has come"),
        (3, "a cause that only clients send"),
    ])
    func theClientLeavesAServerThatBreaksAnExtension(kind: Int, _ what: String) async throws {
        let target = try await RawListener.start()
        let (server, client, _) = try await startClient(target: target.port)
        server.open(1)
        server.data(1, Self.request)
        server.halfClosed(1, after: kind == 2 ? 1 : Self.request.utf8.count)
        if kind == 0 { server.halfClosed(1, after: Self.request.utf8.count) }
        if kind == 1 { server.data(1, "x") }
        if kind == 3 { server.ended(1, cause: 4) }
        while try await server.nextMessage().first != 8 {}
        client.stop()
    }

    @Test(arguments: [(UInt8(2), "the user"), (4, "not connected")]) func theClientSaysWhyAConversationEnds(
        cause: UInt8,
        _ why: String
    ) async throws {
        let target = try await RawListener.start()
        // Nothing listens on port 1.
        let (server, client, _) = try await startClient(target: cause == 4 ? 1 : target.port)
        server.open(1)
        server.data(1, Self.request)
        if cause == 2 {
            _ = try await target.next()
            client.close(1)
        }
        while try await server.nextMessage().prefix(5) != [0x12, 1, 0, 0x58, cause] {}
        client.stop()
    }

    // MARK: Both

    @Test func aVisitorThatGivesUpIsNotASuccess() async throws {
        let target = try await RawListener.start()
        let tunnel = try await Tunnel.start(target: "127.0.0.1:\(target.port)")
        let events = TunnelEvents(tunnel.bus)
        let visitor = try await tunnel.visitor()
        visitor.send(tunnel.request("/slow"))
        let connection = try await target.next()
        _ = try await connection.read(through: "\r\n\r\n")
        visitor.close()
        // The target notices without writing a byte.
        #expect(try await connection.readToEnd().ending == .orderly)
        connection.send(Self.answer)
        let exchange = try await events.exchange(1)
        #expect(exchange.state == .aborted(.visitorGone))
        #expect(exchange.times.visitorHalfClosed != nil && exchange.status == 200)
        try await tunnel.stop()
    }

    @Test func aHeldRequestWhoseVisitorLeftIsNotDelivered() async throws {
        let target = try await RawListener.start()
        let tunnel = try await Tunnel.start(target: "127.0.0.1:\(target.port)")
        let events = TunnelEvents(tunnel.bus)
        tunnel.client.hold()
        let visitor = try await tunnel.visitor()
        visitor.send(tunnel.request("/held"))
        try await events.next { if case .requestHead = $0.kind { true } else { false } }
        // A visitor that half-closes together with its request waits for its answer.
        // This one waits a while, and then leaves.
        try await Task.sleep(for: .milliseconds(700))
        visitor.close()
        try await events.next { if case .visitorHalfClosed = $0.kind { true } else { false } }
        tunnel.client.release()
        #expect(try await events.exchange(1).state == .aborted(.visitorGone))
        let next = try await tunnel.visitor()
        next.send(tunnel.request("/next"))
        #expect(try await target.next().read(through: "\r\n\r\n").hasPrefix("GET /next "))
        try await tunnel.stop()
    }

    @Test func anIPv6VisitorIsShownWithItsAddress() async throws {
        let target = try await RawListener.start()
        let (server, client, events) = try await startClient(target: target.port) { $0.addsForwardedHeaders = true }
        server.open6(1)
        server.data(1, Self.request)
        let head = try await target.next().read(through: "\r\n\r\n")
        #expect(head.contains("X-Forwarded-For: 2001:db8::7:0:0:9\r\n"))
        server.ended(1, cause: 1)
        #expect(try await events.exchange(1).remote?.description == "[2001:db8::7:0:0:9]:52110")
        client.stop()
    }
}
