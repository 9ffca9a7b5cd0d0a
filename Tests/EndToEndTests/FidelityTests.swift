import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct FidelityTests {
    @Test func hostBecomesTheTargetInEveryRequestOfAConnection() async throws {
        let target = try await Targets.echo()
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let visitor = try await tunnel.visitor()
        for path in ["/one", "/two", "/three"] {
            visitor.send(tunnel.request(path, method: "POST", body: "body of \(path)"))
            let answer = try await visitor.readMessage()
            #expect(answer.contains("POST \(path) HTTP/1.1\r\nHost: localhost:\(target.port)\r\n"))
            #expect(answer.hasSuffix("\r\n\r\nbody of \(path)"))
        }
        try await tunnel.stop()
    }

    @Test func pipelinedRequestsAreAllAnsweredInOrderAndAllRewritten() async throws {
        let target = try await Targets.echo()
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let visitor = try await tunnel.visitor()
        visitor.send((1...20).map { tunnel.request("/\($0)") }.joined())
        for number in 1...20 {
            let answer = try await visitor.readMessage()
            #expect(answer.contains("GET /\(number) HTTP/1.1\r\nHost: localhost:\(target.port)\r\n"))
        }
        try await tunnel.stop()
    }

    @Test func everythingButHostArrivesByteForByte() async throws {
        let target = try await RawListener.start()
        let tunnel = try await Tunnel.start(target: "127.0.0.1:\(target.port)")
        let visitor = try await tunnel.visitor()
        let head: [UInt8] =
            Array("\r\nM-SEARCH /\u{e4} HTTP/1.1\r\nx-lower:a\r\nHOST:\t".utf8) + Array(tunnel.host.uppercased().utf8)
            + Array(" \r\nX-Latin: ".utf8) + [0xe4, 0xff, 0x80]
            + Array("\r\nEmpty:\r\nX-Twice: 1\r\nX-Twice: 2\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
        let body = Array("5;ext=\"x\"\r\nhello\r\n00A\r\n0123456789\r\n0\r\nX-Trailer: yes\r\n\r\n".utf8)
        visitor.send(head + body)
        let connection = try await target.next()
        let sent = Array(tunnel.host.uppercased().utf8)
        let expected = (head + body).replacing(sent, with: Array("127.0.0.1:\(target.port)".utf8))
        #expect(try await connection.read(count: expected.count) == expected)

        let answer: [UInt8] =
            Array("HTTP/1.1 200 \r\nx-Odd : 1\r\nX-Latin: ".utf8) + [0xfc, 0x00 + 0x41]
            + Array("\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: 1\r\n\r\n".utf8)
        connection.send(answer)
        #expect(try await visitor.read(count: answer.count) == answer)
        try await tunnel.stop()
    }

    @Test func aHeadMayBeCutAtEveryByte() async throws {
        let target = try await Targets.echo()
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let visitor = try await tunnel.visitor()
        let request = Array(tunnel.request("/cut", method: "POST", fields: "X-A: b\r\n", body: "0123").utf8)
        // First byte by byte, if the kernel allows each in a segment of its own;
        // then in two parts, cut at every position.
        for byte in request { try await visitor.sendAndWait(.init(bytes: [byte])) }
        #expect(try await visitor.readMessage().hasSuffix("\r\n\r\n0123"))
        for cut in 1..<request.count {
            try await visitor.sendAndWait(.init(bytes: request[..<cut]))
            try await visitor.sendAndWait(.init(bytes: request[cut...]))
            #expect(try await visitor.readMessage().hasSuffix("\r\n\r\n0123"), "cut at \(cut)")
        }
        try await tunnel.stop()
    }

    @Test func chunkFramingMayBeSplitOverSegments() async throws {
        let target = try await RawListener.start()
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let visitor = try await tunnel.visitor()
        let first = "POST /c HTTP/1.1\r\nHost: \(tunnel.host)\r\nTransfer-Encoding: chunked\r\n\r\n"
        let body = "4\r\nabcd\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n"
        for byte in Array((first + body + tunnel.request("/next")).utf8) {
            try await visitor.sendAndWait(.init(bytes: [byte]))
        }
        let connection = try await target.next()
        try await connection.read(through: body)
        #expect(try await connection.readMessage().hasPrefix("GET /next HTTP/1.1\r\nHost: localhost:"))
        try await tunnel.stop()
    }

    @Test(arguments: [
        "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nA: b\r\n\r\n",
    ])
    func answersOfAllKindsLeaveTheConnectionUsable(answer: String) async throws {
        let target = try await Targets.fixed(answer)
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let visitor = try await tunnel.visitor()
        for _ in 1...3 {
            visitor.send(tunnel.request("/"))
            #expect(try await visitor.read(count: answer.utf8.count) == Array(answer.utf8))
        }
        try await tunnel.stop()
    }

    /// A 100 that the visitor waits for is delivered.
    /// Other interim answers are not, because some proxies take them for final ones.
    @Test func interimAnswersAreDeliveredOnlyIfTheVisitorWaitsForThem() async throws {
        let target = try await RawListener.start()
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let visitor = try await tunnel.visitor()
        let proceed = "HTTP/1.1 100 Continue\r\n\r\n"
        let hints = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
        visitor.send(tunnel.request("/a"))
        let connection = try await target.next()
        _ = try await connection.readMessage()
        connection.send(proceed + hints + Targets.answer("a"))
        #expect(try await visitor.readMessage() == Targets.answer("a"))

        visitor.send(tunnel.request("/b", method: "PUT", fields: "Expect: 100-continue\r\nContent-Length: 4\r\n"))
        try await connection.read(through: "\r\n\r\n")
        connection.send(proceed)
        #expect(try await visitor.readMessage() == proceed)
        visitor.send("body")
        #expect(try await connection.read(count: 4) == Array("body".utf8))
        connection.send(hints + Targets.answer("b"))
        #expect(try await visitor.readMessage() == Targets.answer("b"))
        try await tunnel.stop()
    }

    @Test func anAnswerToHEADHasNoBody() async throws {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"
        let target = try await Targets.fixed(answer)
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let visitor = try await tunnel.visitor()
        for _ in 1...2 {
            visitor.send(tunnel.request("/", method: "HEAD"))
            #expect(try await visitor.read(count: answer.utf8.count) == Array(answer.utf8))
        }
        try await tunnel.stop()
    }

    @Test func anAnswerThatEndsByClosingEndsTheSameWay() async throws {
        let target = try await RawListener.start { peer in
            _ = try await peer.readMessage()
            peer.send("HTTP/1.0 200 OK\r\n\r\nuntil the end")
            try await peer.halfClose()
        }
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let visitor = try await tunnel.visitor()
        visitor.send("GET / HTTP/1.0\r\nHost: \(tunnel.host)\r\n\r\n")
        let (text, ending) = try await visitor.readToEnd()
        #expect(text == "HTTP/1.0 200 OK\r\n\r\nuntil the end")
        #expect(ending == .orderly)
        try await tunnel.stop()
    }

    @Test func afterAnUpgradeBytesFlowBothWays() async throws {
        let target = try await RawListener.start()
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let visitor = try await tunnel.visitor()
        visitor.send(
            tunnel.request("/ws", fields: "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n") + "GET / early"
        )
        let connection = try await target.next()
        #expect(try await connection.read(through: "\r\n\r\n").contains("Host: localhost:"))
        connection.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello")
        try await visitor.read(through: "\r\n\r\nhello")
        try await connection.read(through: "GET / early")
        visitor.send("GET / HTTP/1.1\r\nHost: left-alone\r\n\r\n")
        try await connection.read(through: "Host: left-alone\r\n\r\n")
        connection.send([0, 1, 2, 255])
        #expect(try await visitor.read(count: 4) == [0, 1, 2, 255])
        visitor.close()
        #expect(try await connection.ended() == .orderly)
        try await tunnel.stop()
    }

    @Test func afterARefusedUpgradeRequestsAreStillRewritten() async throws {
        let target = try await RawListener.start()
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let visitor = try await tunnel.visitor()
        visitor.send(tunnel.request("/a", fields: "Connection: Upgrade\r\nUpgrade: h2c\r\n") + tunnel.request("/b"))
        let connection = try await target.next()
        _ = try await connection.readMessage()
        connection.send(Targets.answer("no"))
        #expect(try await connection.readMessage().hasPrefix("GET /b HTTP/1.1\r\nHost: localhost:"))
        try await tunnel.stop()
    }

    @Test func eachServerSentEventArrivesBeforeTheNextIsSent() async throws {
        let target = try await RawListener.start()
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let visitor = try await tunnel.visitor()
        visitor.send(tunnel.request("/events"))
        let connection = try await target.next()
        connection.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        for number in 1...20 {
            connection.send("data: \(number)\n\n")
            try await visitor.read(through: "data: \(number)\n\n")
        }
        try await tunnel.stop()
    }

    @Test func hostCanBeSetOrLeftAlone() async throws {
        let target = try await Targets.echo()
        let server = try await Tunnel.startServer()
        let other = try await Tunnel.start(target: "localhost:\(target.port)", name: "other", server: server) {
            $0.hostRewrite = .value("shop.test")
        }
        let none = try await Tunnel.start(target: "localhost:\(target.port)", name: "none", server: server) {
            $0.hostRewrite = .off
            $0.addsForwardedHeaders = true
        }
        let visitor = try await other.visitor()
        visitor.send(other.request("/"))
        #expect(try await visitor.readMessage().contains("\r\nHost: shop.test\r\n\r\n"))
        let second = try await none.visitor()
        second.send(none.request("/", fields: "X-Forwarded-For: 203.0.113.9\r\n"))
        let seen = try await second.readMessage()
        #expect(seen.contains("\r\nHost: \(none.host)\r\n"))
        #expect(seen.contains("\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: \(none.host)\r\n"))
        #expect(seen.contains("\r\nX-Forwarded-For: 203.0.113.9\r\n"))
        #expect(!seen.contains("127.0.0.1"))
        try await server.stop().get()
    }
}
