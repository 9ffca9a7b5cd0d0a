import TPoTDashboard
import TPoTTunnel
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct RoutingTests {
    /// Two tunnels of one server, with targets that the test controls.
    private struct TwoTunnels {
        let server: TunnelServer
        let one: Tunnel
        let two: Tunnel
        let first: RawListener
        let second: RawListener

        static func start() async throws -> TwoTunnels {
            let first = try await RawListener.start()
            let second = try await RawListener.start()
            let server = try await Tunnel.startServer()
            let one = try await Tunnel.start(target: "localhost:\(first.port)", name: "one", server: server)
            let two = try await Tunnel.start(target: "localhost:\(second.port)", name: "two", server: server)
            return TwoTunnels(server: server, one: one, two: two, first: first, second: second)
        }
    }

    @Test func aSecondHostOnTheSameConnectionGoesToItsOwnTunnel() async throws {
        let tunnels = try await TwoTunnels.start()
        let visitor = try await tunnels.one.visitor()
        visitor.send(tunnels.one.request("/a"))
        let connection = try await tunnels.first.next()
        _ = try await connection.readMessage()
        connection.send(Targets.answer("first"))
        #expect(try await visitor.readMessage().hasSuffix("first"))

        visitor.send(tunnels.two.request("/b"))
        let other = try await tunnels.second.next()
        #expect(try await other.readMessage().hasPrefix("GET /b"))
        // The first conversation is over. Nothing that its target still sends reaches the visitor.
        #expect(try await connection.ended() == .orderly)
        connection.send(Targets.answer("poison"))
        other.send(Targets.answer("second"))
        #expect(try await visitor.readMessage().hasSuffix("second"))

        visitor.send(tunnels.one.request("/c"))
        let third = try await tunnels.first.next()
        #expect(try await third.readMessage().hasPrefix("GET /c"))
        third.send(Targets.answer("third"))
        #expect(try await visitor.readMessage().hasSuffix("third"))
        try await tunnels.server.stop().get()
    }

    /// The sender of the second request thinks that the first was answered, and would take the next answer for its own.
    @Test(arguments: ["two.localhost", "localhost", "nobody.localhost", "example.org"])
    func anotherHostWhileAnAnswerIsDueEndsTheConnection(host: String) async throws {
        let tunnels = try await TwoTunnels.start()
        let visitor = try await tunnels.one.visitor()
        visitor.send(tunnels.one.request("/a"))
        let connection = try await tunnels.first.next()
        _ = try await connection.readMessage()
        visitor.send("POST /login HTTP/1.1\r\nHost: \(host)\r\nContent-Length: 0\r\n\r\n")
        let (text, ending) = try await visitor.readToEnd()
        #expect(text == "")
        #expect(ending == .reset)
        #expect(try await connection.readToEnd().text == "")
        // The other tunnel has received nothing: the first request that it gets is this one.
        let next = try await tunnels.two.visitor()
        next.send(tunnels.two.request("/next"))
        #expect(try await tunnels.second.next().readMessage().hasPrefix("GET /next"))
        try await tunnels.server.stop().get()
    }

    @Test(arguments: ["One.LocalHost", "one.localhost.", "one.localhost:99"])
    func anotherSpellingIsTheSameHost(host: String) async throws {
        let tunnels = try await TwoTunnels.start()
        let visitor = try await tunnels.one.visitor()
        visitor.send(tunnels.one.request("/a") + "GET /b HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        let connection = try await tunnels.first.next()
        #expect(try await connection.readMessage().hasPrefix("GET /a"))
        #expect(try await connection.readMessage().hasPrefix("GET /b"))
        connection.send(Targets.answer("a") + Targets.answer("b"))
        #expect(try await visitor.readMessage().hasSuffix("a"))
        #expect(try await visitor.readMessage().hasSuffix("b"))
        try await tunnels.server.stop().get()
    }

    @Test func aRequestForTheServerItselfMayFollowOneForATunnel() async throws {
        let target = try await Targets.fixed(Targets.answer("target"))
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let visitor = try await tunnel.visitor()
        visitor.send(tunnel.request("/"))
        #expect(try await visitor.readMessage().hasSuffix("target"))
        visitor.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try await visitor.readToEnd().text.hasSuffix("\r\n\r\nok\n"))
        try await tunnel.stop()
    }

    @Test(arguments: ["Host:NAME", "host:\tNAME", "HOST:  NAME  ", "Host: NAME."])
    func hostIsUnderstoodInEverySpelling(field: String) async throws {
        let target = try await Targets.echo()
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)", name: "spelt")
        let visitor = try await tunnel.visitor()
        visitor.send("GET / HTTP/1.1\r\nEmpty:\r\n\(field.replacing("NAME", with: "Spelt.LocalHost"))\r\n\r\n")
        #expect(try await visitor.readMessage().contains("localhost:\(target.port)"))
        try await tunnel.stop()
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: nobody.localhost\r\n\r\n", "503"),
        ("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n", "404"),
        ("GET / HTTP/1.1\r\nHost: a.b.localhost\r\n\r\n", "404"),
        ("GET / HTTP/1.1\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: a.localhost\r\nHost: a.localhost\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: 5, 5\r\n\r\n", "400"),
        ("GET http://b.localhost/ HTTP/1.1\r\nHost: a.localhost\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: a.localhost\r\nX: \u{1}\r\n\r\n", "400"),
        ("nonsense\r\n\r\n", "400"),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"),
        ("GET /create-tpot HTTP/1.1\r\nHost: localhost\r\n\r\n", "400"),
        ("POST /create-tpot HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", "405"),
        ("GET /elsewhere HTTP/1.1\r\nHost: localhost\r\n\r\n", "404"),
        ("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "200"),
        ("GET /tpot-auth HTTP/1.1\r\nHost: localhost\r\n\r\n", "200"),
    ])
    func theServerAnswersTheseRequestsItself(request: String, status: String) async throws {
        let server = try await Tunnel.startServer()
        let visitor = try await RawPeer.connect(port: server.port)
        visitor.send(request)
        let (text, ending) = try await visitor.readToEnd()
        #expect(text.hasPrefix("HTTP/1.1 \(status) "))
        #expect(ending == .orderly)
        try await server.stop().get()
    }

    /// They have all the fields of the answer to GET, and its length.
    @Test(arguments: [
        "/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "/healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "/elsewhere HTTP/1.1\r\nHost: localhost\r\n\r\n", "/ HTTP/1.1\r\nHost: nobody.localhost\r\n\r\n",
        "/ HTTP/1.1\r\nHost: example.org\r\n\r\n", "/ HTTP/1.1\r\n\r\n", "/ HTTP/2.0\r\n\r\n",
        "/ HTTP/1.1\r\nHost: a.localhost\r\nX: \u{1}\r\n\r\n",
        "/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "/ HTTP/1.1\r\nHost: localhost\r\nX: " + String(repeating: "a", count: 70_000),
    ])
    func theServersOwnAnswersToHEADHaveNoBody(rest: String) async throws {
        let server = try await Tunnel.startServer()
        var answers: [String] = []
        for method in ["GET", "HEAD"] {
            let visitor = try await RawPeer.connect(port: server.port)
            visitor.send("\(method) \(rest)")
            answers.append(try await visitor.readToEnd().text)
        }
        let end = try #require(answers[0].firstRange(of: "\r\n\r\n"))
        #expect(answers[0].endIndex > end.upperBound)
        #expect(answers[1] == String(answers[0][..<end.upperBound]))
        try await server.stop().get()
    }

    /// Orchestrators probe a server by its address.
    @Test(arguments: [
        ("GET /healthz HTTP/1.1\r\nHost: 10.0.0.7:3000\r\n", "200"),
        ("GET /healthz?probe HTTP/1.1\r\nHost: 10.0.0.7\r\n", "200"),
        ("HEAD /healthz HTTP/1.1\r\nHost: [2001:db8::7]:3000\r\n", "200"), ("GET /healthz HTTP/1.0\r\n", "200"),
        ("GET /healthz HTTP/1.1\r\n", "400"), ("GET /healthz HTTP/1.1\r\nHost: example.org\r\n", "404"),
        ("GET / HTTP/1.1\r\nHost: 10.0.0.7\r\n", "404"), ("GET /tpot-auth HTTP/1.0\r\n", "404"),
        ("GET /create-tpot HTTP/1.1\r\nHost: 10.0.0.7\r\n\(webSocket)", "404"),
        ("GET /healthz HTTP/1.1\r\nHost: 10.0.0.7\r\n\(webSocket)", "200"),
    ])
    func theHealthCheckAlsoWorksByAddress(head: String, status: String) async throws {
        let server = try await Tunnel.startServer()
        let visitor = try await RawPeer.connect(port: server.port)
        visitor.send("\(head)\r\n")
        let text = try await visitor.readToEnd().text
        #expect(text.hasPrefix("HTTP/1.1 \(status) "))
        #expect(text.hasSuffix("\r\n\r\nok\n") == (status == "200" && head.hasPrefix("GET")))
        try await server.stop().get()
    }

    private static let webSocket =
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

    /// Sends the head of a request with a chunked body, and waits until it has reached the target.
    private func startChunkedRequest() async throws -> (Tunnel, RawPeer, RawPeer) {
        let target = try await RawListener.start()
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let visitor = try await tunnel.visitor()
        visitor.send(tunnel.request("/hook", method: "POST", fields: "Transfer-Encoding: chunked\r\n"))
        let connection = try await target.next()
        try await connection.read(through: "\r\n\r\n")
        return (tunnel, visitor, connection)
    }

    @Test func aBrokenBodyIsRefusedWhileTheTargetWaitsForIt() async throws {
        let (tunnel, visitor, connection) = try await startChunkedRequest()
        visitor.send("5\r\nhello\r\nno size\r\n")
        let (text, ending) = try await visitor.readToEnd()
        #expect(text.hasPrefix("HTTP/1.1 400 "))
        #expect(ending == .orderly)
        _ = try await connection.ended()
        try await tunnel.stop()
    }

    @Test func aBrokenBodyAfterTheAnswerBeganOnlyEndsTheConnection() async throws {
        let (tunnel, visitor, connection) = try await startChunkedRequest()
        connection.send("HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\n")
        try await visitor.read(through: "\r\n\r\n")
        visitor.send("no size\r\n")
        connection.send("full")
        let (text, ending) = try await visitor.readToEnd()
        #expect(text == "full")
        #expect(ending == .orderly)
        try await tunnel.stop()
    }

    @Test func aHalfClosedVisitorGetsAllAnswersOfItsTunnel() async throws {
        let tunnels = try await TwoTunnels.start()
        let visitor = try await tunnels.one.visitor()
        visitor.send(tunnels.one.request("/a") + tunnels.one.request("/b", method: "POST", body: "whole"))
        let connection = try await tunnels.first.next()
        _ = try await connection.readMessage()
        #expect(try await connection.readMessage().hasSuffix("whole"))
        try await visitor.halfClose()
        connection.send(Targets.answer("first"))
        #expect(try await visitor.readMessage().hasSuffix("first"))
        connection.send(Targets.answer("second"))
        let (text, ending) = try await visitor.readToEnd()
        #expect(text == Targets.answer("second"))
        #expect(ending == .orderly)
        try await tunnels.server.stop().get()
    }

    @Test func aLargeBodyForTheServerItselfGetsItsAnswer() async throws {
        let server = try await Tunnel.startServer()
        let visitor = try await RawPeer.connect(port: server.port)
        let length = 8 << 20
        visitor.send("POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(length)\r\n\r\n")
        visitor.send([UInt8](repeating: 0x61, count: length))
        #expect(try await visitor.readMessage().hasPrefix("HTTP/1.1 405 "))
        #expect(try await visitor.ended() == .orderly)
        try await server.stop().get()
    }

    @Test func anEndlessHeadIsRefused() async throws {
        let server = try await Tunnel.startServer()
        let visitor = try await RawPeer.connect(port: server.port)
        visitor.send("GET / HTTP/1.1\r\nHost: a.localhost\r\nX: " + String(repeating: "a", count: 70_000))
        #expect(try await visitor.readToEnd().text.hasPrefix("HTTP/1.1 431 "))
        try await server.stop().get()
    }

    /// Heads that are almost as long as allowed, and never end. 64 MiB of them may wait.
    @Test func unfinishedRequestsAreBoundedInTotal() async throws {
        let target = try await Targets.fixed(Targets.answer("hello"))
        let tunnel = try await Tunnel.start(target: "127.0.0.1:\(target.port)")
        let slow = try await tunnel.visitor()
        let request = tunnel.request("/slow")
        slow.send(String(request.dropLast(2)))
        let head = "GET / HTTP/1.1\r\nX: " + String(repeating: "x", count: 64_000)
        var attackers: [RawPeer] = []
        for _ in 0..<1_100 {
            let attacker = try await tunnel.visitor()
            attacker.send(head)
            attackers.append(attacker)
        }
        // At least 76 of them do not fit.
        // The connection with the most bytes is closed, so never that of the slow visitor.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for attacker in attackers { group.addTask { _ = try? await attacker.readToEnd() } }
            for _ in 1...76 { try await group.next() }
            slow.send(String(request.suffix(2)))
            #expect(try await slow.readMessage().hasSuffix("hello"))
            for attacker in attackers { attacker.close() }
        }
        try await tunnel.stop()
    }

    @Test func aThousandVisitorsAtOnceAreAllAnswered() async throws {
        let target = try await Targets.fixed(Targets.answer("hello"))
        let tunnel = try await Tunnel.start(target: "127.0.0.1:\(target.port)")
        var visitors: [RawPeer] = []
        for _ in 0..<1000 { visitors.append(try await tunnel.visitor()) }
        for visitor in visitors { visitor.send(tunnel.request("/")) }
        for visitor in visitors { #expect(try await visitor.readMessage().hasSuffix("hello")) }
        for visitor in visitors { visitor.close() }
        try await tunnel.stop()
    }
}
