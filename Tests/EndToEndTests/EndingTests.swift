import NIOCore
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct EndingTests {
    @Test func aVisitorThatHalfClosesGetsItsAnswer() async throws {
        let target = try await RawListener.start()
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let visitor = try await tunnel.visitor()
        visitor.send(tunnel.request("/"))
        try await visitor.halfClose()
        let connection = try await target.next()
        _ = try await connection.readMessage()
        connection.send(Targets.answer("here you are"))
        let (text, ending) = try await visitor.readToEnd()
        #expect(text.hasSuffix("here you are"))
        #expect(ending == .orderly)
        #expect(try await connection.ended() == .orderly)
        try await tunnel.stop()
    }

    /// `Connection: close` announces that the visitor sends nothing more,
    /// so the server does not wait for it to close its half.
    /// Otherwise each of many short visits would keep its connection for seconds.
    @Test func aVisitorThatAnnouncesTheEndIsClosedAtOnce() async throws {
        let target = try await RawListener.start { peer in
            _ = try await peer.readMessage()
            peer.send(Targets.answer("bye", fields: "Connection: close\r\n"))
            peer.close()
        }
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let visitor = try await tunnel.visitor()
        visitor.send(tunnel.request("/", fields: "Connection: close\r\n"))
        let (text, ending) = try await visitor.readToEnd()
        #expect(text.hasSuffix("bye"))
        #expect(ending == .orderly)
        // If only one half were closed, the server would accept bytes on the other for three seconds.
        let clock = ContinuousClock()
        let began = clock.now
        await #expect(throws: (any Error).self) {
            while clock.now - began < .seconds(2) { try await visitor.sendAndWait(ByteBuffer(string: "x")) }
        }
        try await tunnel.stop()
    }

    @Test func theTargetIsClosedWhenAVisitorAbortsADownload() async throws {
        let target = try await RawListener.start()
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let visitor = try await tunnel.visitor()
        visitor.send(tunnel.request("/endless"))
        let connection = try await target.next()
        _ = try await connection.readMessage()
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nsome")
        try await visitor.read(through: "some")
        let clock = ContinuousClock()
        let began = clock.now
        visitor.reset()
        _ = try await connection.ended()
        // It does not wait for a timeout. A busy machine alone may take a second.
        #expect(clock.now - began < .seconds(10))
        try await tunnel.stop()
    }

    @Test func aRequestSentBeforeTheVisitorLeftStillArrives() async throws {
        let target = try await RawListener.start()
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let visitor = try await tunnel.visitor()
        visitor.send(tunnel.request("/hook", method: "POST", body: "fire and forget"))
        visitor.close()
        let connection = try await target.next()
        #expect(try await connection.readMessage().hasSuffix("fire and forget"))
        try await tunnel.stop()
    }

    @Test func aTargetThatRefusesGivesTheVisitor503() async throws {
        let closed = try RefusedPort.take()
        let tunnel = try await Tunnel.start(target: "localhost:\(closed)")
        let visitor = try await tunnel.visitor()
        visitor.send(tunnel.request("/"))
        let (text, ending) = try await visitor.readToEnd()
        #expect(text.hasPrefix("HTTP/1.1 503 "))
        #expect(ending == .orderly)
        try await tunnel.stop()
    }

    @Test func aTargetThatResetsMidAnswerResetsTheVisitor() async throws {
        let target = try await RawListener.start()
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let visitor = try await tunnel.visitor()
        visitor.send(tunnel.request("/"))
        let connection = try await target.next()
        _ = try await connection.readMessage()
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        try await visitor.read(through: "half")
        connection.reset()
        #expect(try await visitor.ended() == .reset)
        try await tunnel.stop()
    }

    @Test func aTargetThatClosesBetweenAnswersClosesTheVisitor() async throws {
        let target = try await RawListener.start()
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let visitor = try await tunnel.visitor()
        visitor.send(tunnel.request("/"))
        let connection = try await target.next()
        _ = try await connection.readMessage()
        connection.send(Targets.answer("whole"))
        connection.close()
        let (text, ending) = try await visitor.readToEnd()
        #expect(text.hasSuffix("whole"))
        #expect(ending == .orderly)
        try await tunnel.stop()
    }

    @Test func visitorsGet503OrAResetWhenTheTunnelCloses() async throws {
        let target = try await RawListener.start()
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let waiting = try await tunnel.visitor()
        waiting.send(tunnel.request("/waiting"))
        _ = try await target.next().readMessage()
        let midway = try await tunnel.visitor()
        midway.send(tunnel.request("/midway"))
        let connection = try await target.next()
        _ = try await connection.readMessage()
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        try await midway.read(through: "half")

        tunnel.client.stop()
        #expect(try await waiting.readToEnd().text.hasPrefix("HTTP/1.1 503 "))
        #expect(try await midway.ended() == .reset)
        // The name is free at once.
        let next = try await RawPeer.connect(port: tunnel.port)
        next.send(tunnel.request("/"))
        #expect(try await next.readToEnd().text.contains("tunnel not found"))
        try await tunnel.server.stop().get()
    }

    @Test func aStopLetsAnAnswerUnderWayFinish() async throws {
        let target = try await RawListener.start()
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let visitor = try await tunnel.visitor()
        visitor.send(tunnel.request("/"))
        let connection = try await target.next()
        _ = try await connection.readMessage()
        tunnel.client.stop(drain: .seconds(30))
        connection.send(Targets.answer("finished"))
        #expect(try await visitor.readMessage().hasSuffix("finished"))
        #expect(try await tunnel.client.outcome.get() == nil)
        try await tunnel.server.stop().get()
    }

    @Test func aStopOfTheServerLetsAnAnswerUnderWayFinish() async throws {
        let target = try await RawListener.start()
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let idle = try await tunnel.visitor()
        idle.send(tunnel.request("/before"))
        let early = try await target.next()
        _ = try await early.readMessage()
        early.send(Targets.answer("before"))
        _ = try await idle.readMessage()
        let visitor = try await tunnel.visitor()
        visitor.send(tunnel.request("/"))
        let connection = try await target.next()
        _ = try await connection.readMessage()

        let port = tunnel.port
        let stopped = tunnel.server.stop(drain: .seconds(30))
        // The port is closed first. New requests on open connections are refused.
        await #expect(throws: (any Error).self) {
            while true { try await RawPeer.connect(port: port).close() }
        }
        idle.send(tunnel.request("/after"))
        #expect(try await idle.readToEnd().text.hasPrefix("HTTP/1.1 503 "))
        connection.send(Targets.answer("finished"))
        #expect(try await visitor.readMessage().hasSuffix("finished"))
        try await stopped.get()
        tunnel.client.stop()
        _ = try await tunnel.client.outcome.get()
    }

    @Test func aStopOfTheServerDoesNotWaitForEver() async throws {
        let target = try await RawListener.start()
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let visitor = try await tunnel.visitor()
        visitor.send(tunnel.request("/"))
        _ = try await target.next().readMessage()
        try await tunnel.server.stop(drain: .milliseconds(50)).get()
        #expect(try await visitor.readToEnd().text.hasPrefix("HTTP/1.1 503 "))
        tunnel.client.stop()
        _ = try await tunnel.client.outcome.get()
    }

    /// Closing a socket with unread bytes would discard the answer. Reading all of them would be wasted work.
    @Test(arguments: ["nonsense\r\n", "POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n"])
    func aVisitorThatKeepsSendingAfterItsAnswerIsNotReadForEver(request: String) async throws {
        let server = try await Tunnel.startServer()
        let visitor = try await RawPeer.connect(port: server.port)
        visitor.send(request)
        let chunk = ByteBuffer(repeating: 0x61, count: 1 << 20)
        var sent = 0
        do {
            // More than the sockets' buffers hold.
            while sent < 256 {
                try await visitor.sendAndWait(chunk)
                sent += 1
            }
        } catch {}
        #expect(sent < 64)
        #expect(try await visitor.readToEnd().text.hasPrefix("HTTP/1.1 40"))
        try await server.stop().get()
    }

    @Test func thousandsOfVisitorsThatCloseFirstLeaveNothingBehind() async throws {
        let target = try await Targets.fixed(Targets.answer("x"))
        let tunnel = try await Tunnel.start(target: "127.0.0.1:\(target.port)")
        for _ in 0..<40 {
            var visitors: [RawPeer] = []
            for _ in 0..<50 { visitors.append(try await tunnel.visitor()) }
            for visitor in visitors { visitor.send(tunnel.request("/")) }
            for visitor in visitors { _ = try await visitor.readMessage() }
            for visitor in visitors { visitor.close() }
        }
        // A conversation that was left behind would delay the stop until the deadline.
        let clock = ContinuousClock()
        let began = clock.now
        tunnel.client.stop(drain: .seconds(30))
        _ = try await tunnel.client.outcome.get()
        #expect(clock.now - began < .seconds(10))
        try await tunnel.server.stop().get()
    }
}
