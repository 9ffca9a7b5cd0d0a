import NIOCore
import TPoTTraffic
import TPoTTunnel
import TestSupport
import Testing

/// A hold by filter, through real sockets: what matches waits, and everything else passes, byte for byte.
@Suite(.timeLimit(.minutes(3))) struct HoldTests {
    private static let held = HoldFilter("path:/held") { head, _ in
        String(decoding: head.target, as: UTF8.self).hasPrefix("/held")
    }

    private struct Place {
        let tunnel: Tunnel
        let events: TunnelEvents
        let target: RawListener
        var client: TunnelClient { tunnel.client }

        /// Starts a tunnel that holds ``HoldTests/held``.
        static func start() async throws -> Place {
            let target = try await RawListener.start()
            let tunnel = try await Tunnel.start(target: "localhost:\(target.port)") { $0.hostRewrite = .off }
            let place = Place(tunnel: tunnel, events: TunnelEvents(tunnel.bus), target: target)
            place.client.hold(matching: HoldTests.held)
            try await place.events.wait { $0 == .holdingMatching("path:/held") }
            return place
        }

        func nextHeld() async throws -> HeldRequestID {
            let event = try await events.next { if case .requestHeld(_, true) = $0.kind { true } else { false } }
            guard case .requestHeld(let id, _) = event.kind else { return 0 }
            return id
        }

        /// Waits for the end of the latest request.
        func requestEnds() async throws {
            try await events.next { if case .requestEnd = $0.kind { true } else { false } }
        }

        /// A request of another visitor passes, on the first connection that the target gets.
        func expectThatOthersPass() async throws {
            let other = try await tunnel.visitor()
            other.send(tunnel.request("/other"))
            let connection = try await target.next()
            #expect(try await connection.readMessage() == tunnel.request("/other"))
            connection.send(Targets.answer("other"))
            #expect(try await other.readMessage().hasSuffix("other"))
            other.close()
            _ = try await connection.ended()
        }
    }

    @Test func oneIsHeldAndLetGoWhileOthersPass() async throws {
        let place = try await Place.start()
        let visitor = try await place.tunnel.visitor()
        let request = place.tunnel.request("/held", method: "POST", fields: "X-Odd:  a\t\r\n", body: "\u{1}body")
        let behind = place.tunnel.request("/behind")
        visitor.send(request + behind)
        let id = try await place.nextHeld()
        try await place.events.next { if case .requestHeld(_, false) = $0.kind { true } else { false } }
        try await place.expectThatOthersPass()
        place.client.letGo(id)
        let connection = try await place.target.next()
        #expect(try await connection.readMessage() == request)
        #expect(try await connection.readMessage() == behind)
        connection.send(Targets.answer("one") + Targets.answer("two"))
        #expect(try await visitor.readMessage().hasSuffix("one"))
        #expect(try await visitor.readMessage().hasSuffix("two"))
        try await place.tunnel.stop()
    }

    @Test func oneIsEditedToAnotherLength() async throws {
        let place = try await Place.start()
        let visitor = try await place.tunnel.visitor()
        visitor.send(place.tunnel.request("/held", method: "POST", body: "short") + place.tunnel.request("/behind"))
        let id = try await place.nextHeld()
        try await place.requestEnds()
        func edit(_ request: String) async throws -> HeldEditRefusal? {
            try await place.client.letGo(id, as: ByteBuffer(string: request)).get()
        }
        let edited = place.tunnel.request("/edited", method: "PUT", body: "a much longer body")
        #expect(try await edit(edited + "more") == .notOneRequest)
        #expect(try await edit(String(edited.dropLast())) == .notOneRequest)
        #expect(try await edit("nonsense") == .notOneRequest)
        #expect(try await edit(place.tunnel.request("/", method: "HEAD")) == .changesHead)
        #expect(
            try await edit(place.tunnel.request("/", fields: "Connection: upgrade\r\nUpgrade: x\r\n")) == .isUpgrade
        )
        #expect(try await edit(edited) == nil)
        #expect(try await edit(edited) == .notHeld)
        let connection = try await place.target.next()
        #expect(try await connection.readMessage() == edited)
        #expect(try await connection.readMessage() == place.tunnel.request("/behind"))
        try await place.tunnel.stop()
    }

    @Test func oneIsRefusedAfterTheEarlierAnswers() async throws {
        let place = try await Place.start()
        let visitor = try await place.tunnel.visitor()
        visitor.send(place.tunnel.request("/first") + place.tunnel.request("/held") + place.tunnel.request("/behind"))
        let id = try await place.nextHeld()
        let connection = try await place.target.next()
        #expect(try await connection.readMessage() == place.tunnel.request("/first"))
        place.client.refuse(id, status: 429)
        place.client.letGo(id)
        connection.send(Targets.answer("first"))
        #expect(try await visitor.readMessage().hasSuffix("first"))
        let rest = try await visitor.readToEnd()
        #expect(rest.text.hasPrefix("HTTP/1.1 429 Too Many Requests\r\n"))
        #expect(rest.text.contains("\r\nConnection: close\r\n"))
        #expect(rest.text.hasSuffix("\r\n\r\n429 Too Many Requests (refused by the user of the tunnel)\n"))
        _ = try await connection.ended()
        let exchange = try await place.events.exchange(2)
        #expect(exchange.status == 429)
        #expect(exchange.state == .finished)
        try await place.tunnel.stop()
    }

    /// The original server knows no causes: it gets the answer and then the end.
    @Test(arguments: [("", [UInt8]()), ("cause", [2, 0, 0, 0, 0, 0, 0, 0, 0])])
    func anyServerGetsTheRefusal(extensions: String, cause: [UInt8]) async throws {
        let listener = try await RawListener.start()
        let bus = TrafficBus(bodyLimit: 0)
        let events = TunnelEvents(bus)
        let client = try await Tunnel.makeClient(serverPort: listener.port, target: "localhost:1", bus: bus)
        client.start()
        let server = try await ScriptedServer.accept(listener, extensions: extensions)
        _ = try await client.firstURL.get()
        client.hold(matching: Self.held)
        try await events.wait { $0 == .holdingMatching("path:/held") }
        server.open(1)
        server.data(1, "HEAD /held HTTP/1.1\r\nHost: x\r\n\r\n")
        try await events.next { if case .requestHeld = $0.kind { true } else { false } }
        client.refuse(1, status: 503)
        let answer = try await server.nextMessage()
        #expect(answer.starts(with: [0x12, 1, 0, 0x44]))
        let text = String(decoding: answer.dropFirst(4), as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
        // An answer to HEAD has no body.
        #expect(text.hasSuffix("\r\nConnection: close\r\n\r\n"))
        #expect(try await server.nextMessage() == [0x12, 1, 0, 0x58] + cause)
        client.stop()
        _ = try await client.outcome.get()
    }

    /// The body comes only after the target has asked for it.
    @Test func aRequestThatExpectsA100CanBeLetGo() async throws {
        let place = try await Place.start()
        let visitor = try await place.tunnel.visitor()
        let head = place.tunnel.request(
            "/held",
            method: "POST",
            fields: "Expect: 100-continue\r\nContent-Length: 4\r\n"
        )
        visitor.send(head)
        let id = try await place.nextHeld()
        #expect(try await place.client.letGo(id, as: ByteBuffer(string: head)).get() == .incomplete)
        place.client.letGo(id)
        let connection = try await place.target.next()
        #expect(try await connection.read(through: "\r\n\r\n") == head)
        connection.send("HTTP/1.1 100 Continue\r\n\r\n")
        #expect(try await visitor.read(through: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        visitor.send("body")
        #expect(try await connection.read(through: "body") == "body")
        connection.send(Targets.answer("done"))
        #expect(try await visitor.readMessage().hasSuffix("done"))
        try await place.tunnel.stop()
    }

    /// The server is asked to wait for this conversation, and the others go on.
    @Test func aLargeUploadWaitsWithoutFillingMemory() async throws {
        let place = try await Place.start()
        let visitor = try await place.tunnel.visitor()
        let size = 24 * 1024 * 1024
        let head = place.tunnel.request("/held", method: "POST", fields: "Content-Length: \(size)\r\n")
        let body = ByteBuffer(repeating: UInt8(ascii: "b"), count: size)
        visitor.send(head)
        let id = try await place.nextHeld()
        async let isSent: Void = visitor.sendAndWait(body)
        try await place.events.next { if case .targetPaused(true) = $0.kind { true } else { false } }
        try await place.expectThatOthersPass()
        place.client.letGo(id)
        let connection = try await place.target.next()
        #expect(try await connection.read(through: "\r\n\r\n") == head)
        #expect(try await connection.read(count: size) == Array(buffer: body))
        try await isSent
        connection.send(Targets.answer("done"))
        #expect(try await visitor.readMessage().hasSuffix("done"))
        try await place.tunnel.stop()
    }

    @Test func theRequestOfAVisitorThatLeftIsNotDelivered() async throws {
        let place = try await Place.start()
        let visitor = try await place.tunnel.visitor()
        visitor.send(place.tunnel.request("/held", method: "POST", body: "body"))
        let id = try await place.nextHeld()
        visitor.reset()
        let exchange = try await place.events.exchange(1)
        #expect(exchange.state == .aborted(.visitorGone))
        place.client.letGo(id)
        // The first connection of the target is that of another visitor.
        try await place.expectThatOthersPass()
        try await place.tunnel.stop()
    }

    /// One that closes its sending half together with its request waits for its answer. One that does it later has left.
    @Test(arguments: [TimeAmount.zero, .milliseconds(700)])
    func aVisitorThatClosesItsHalf(after delay: TimeAmount) async throws {
        let place = try await Place.start()
        let visitor = try await place.tunnel.visitor()
        visitor.send(place.tunnel.request("/held"))
        if delay > .zero {
            _ = try await place.nextHeld()
            try await Task.sleep(for: .nanoseconds(delay.nanoseconds))
        }
        try await visitor.halfClose()
        try await place.events.next { if case .visitorHalfClosed = $0.kind { true } else { false } }
        // It is the first request that is held.
        place.client.letGo(1)
        if delay > .zero {
            #expect(try await place.events.exchange(1).state == .aborted(.visitorGone))
            try await place.expectThatOthersPass()
        } else {
            let connection = try await place.target.next()
            #expect(try await connection.readMessage() == place.tunnel.request("/held"))
            connection.send(Targets.answer("one"))
            #expect(try await visitor.readMessage().hasSuffix("one"))
        }
        try await place.tunnel.stop()
    }

    @Test func aLostTunnelEndsWhatIsHeld() async throws {
        let place = try await Place.start()
        let visitor = try await place.tunnel.visitor()
        visitor.send(place.tunnel.request("/held"))
        let id = try await place.nextHeld()
        try await place.tunnel.server.stop().get()
        #expect(try await visitor.readToEnd().text.hasPrefix("HTTP/1.1 503 "))
        #expect(try await place.events.exchange(1).state == .aborted(.tunnelLost))
        #expect(try await place.client.letGo(id, as: ByteBuffer(string: "GET / HTTP/1.1\r\n\r\n")).get() == .notHeld)
        place.client.stop()
        _ = try await place.client.outcome.get()
    }

    /// Many servers close an idle connection after five seconds.
    @Test(arguments: ["", "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"])
    func aTargetThatClosesItsIdleConnectionIsConnectedAgain(farewell: String) async throws {
        let place = try await Place.start()
        let visitor = try await place.tunnel.visitor()
        visitor.send(place.tunnel.request("/first"))
        let first = try await place.target.next()
        _ = try await first.readMessage()
        first.send(Targets.answer("first"))
        #expect(try await visitor.readMessage().hasSuffix("first"))
        visitor.send(place.tunnel.request("/held"))
        let id = try await place.nextHeld()
        // Nobody asked for this, and the visitor must not take it for its answer.
        if farewell.isEmpty { first.close() } else { first.send(farewell) }
        _ = try await first.ended()
        // When another request has passed, the client has seen the end.
        try await place.expectThatOthersPass()
        place.client.letGo(id)
        let second = try await place.target.next()
        #expect(try await second.readMessage() == place.tunnel.request("/held"))
        second.send(Targets.answer("second"))
        #expect(try await visitor.readMessage().hasSuffix("second"))
        try await place.tunnel.stop()
    }

    @Test func aTargetThatSaidThatItClosesEndsTheConversation() async throws {
        let place = try await Place.start()
        let visitor = try await place.tunnel.visitor()
        visitor.send(place.tunnel.request("/first") + place.tunnel.request("/held"))
        _ = try await place.nextHeld()
        let connection = try await place.target.next()
        _ = try await connection.readMessage()
        connection.send(Targets.answer("first", fields: "Connection: close\r\n"))
        connection.close()
        #expect(try await visitor.readToEnd().text.hasSuffix("first"))
        try await place.tunnel.stop()
    }

    @Test func aWebSocketCanBeHeldBeforeItOpens() async throws {
        let place = try await Place.start()
        let visitor = try await place.tunnel.visitor()
        let request = place.tunnel.request("/held", fields: "Connection: Upgrade\r\nUpgrade: websocket\r\n")
        visitor.send(request + "early frames")
        let id = try await place.nextHeld()
        place.client.letGo(id)
        let connection = try await place.target.next()
        #expect(try await connection.read(through: "\r\n\r\n") == request)
        connection.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello")
        try await visitor.read(through: "hello")
        #expect(try await connection.read(through: "early frames") == "early frames")
        try await place.tunnel.stop()
    }

    @Test func theEndOfTheHoldLetsAllGo() async throws {
        let place = try await Place.start()
        let visitors = [try await place.tunnel.visitor(), try await place.tunnel.visitor()]
        for (index, visitor) in visitors.enumerated() {
            visitor.send(place.tunnel.request("/held/\(index)"))
            _ = try await place.nextHeld()
        }
        place.client.release()
        var connections: [Int: RawPeer] = [:]
        for _ in 0...1 {
            let connection = try await place.target.next()
            let request = try await connection.readMessage()
            let index = request == place.tunnel.request("/held/0") ? 0 : 1
            #expect(request == place.tunnel.request("/held/\(index)"))
            connections[index] = connection
            connection.send(Targets.answer("\(index)"))
            #expect(try await visitors[index].readMessage().hasSuffix("\(index)"))
        }
        // Nothing is held any more.
        visitors[0].send(place.tunnel.request("/held/2"))
        #expect(try await connections[0]?.readMessage() == place.tunnel.request("/held/2"))
        try await place.tunnel.stop()
    }

    @Test func aStopRefusesWhatIsHeld() async throws {
        let place = try await Place.start()
        let visitor = try await place.tunnel.visitor()
        visitor.send(place.tunnel.request("/held") + place.tunnel.request("/behind"))
        _ = try await place.nextHeld()
        try await place.requestEnds()
        try await place.requestEnds()
        place.client.stop(drain: .minutes(10))
        #expect(try await visitor.readToEnd().text.hasPrefix("HTTP/1.1 503 "))
        #expect(try await place.client.outcome.get() == nil)
        #expect(place.client.requestsRefused == 2)
        try await place.tunnel.server.stop().get()
    }

    @Test func whatMatchesBeyondTheLimitIsLetThrough() async throws {
        let place = try await Place.start()
        let visitor = try await place.tunnel.visitor()
        visitor.send(String(repeating: place.tunnel.request("/held"), count: 1000))
        for _ in 1...1000 { _ = try await place.nextHeld() }
        let other = try await place.tunnel.visitor()
        other.send(place.tunnel.request("/held/1001"))
        let connection = try await place.target.next()
        #expect(try await connection.readMessage() == place.tunnel.request("/held/1001"))
        place.client.release()
        let crowd = try await place.target.next()
        #expect(try await crowd.readMessage() == place.tunnel.request("/held"))
        try await place.tunnel.stop()
    }
}
