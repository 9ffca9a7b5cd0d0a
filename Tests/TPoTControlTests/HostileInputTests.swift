import NIOCore
import TestSupport
import Testing

@testable import TPoTControl

/// What programs may do that know no rules.
@Suite(.timeLimit(.minutes(5))) struct HostileInputTests {
    @Test(arguments: [
        ("GARBAGE\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: localhost\r\nBad Name: x\r\n\r\n", 400),
        ("\0\0\0\0\r\n\r\n", 400),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400), ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}", 400),
        ("GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", 400),
        (
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 5\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400
        ),
        ("GET /nope HTTP/1.0\r\nHost: localhost\r\n\r\n", 404),
        ("GET http://evil.example/v1/status HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403),
        ("CONNECT localhost:1 HTTP/1.1\r\nHost: localhost\r\n\r\n", 415),
    ])
    func nonsenseGetsAnErrorAndTheConnectionEnds(bytes: String, status: Int) async throws {
        let control = try await ControlUnderTest { $0.requestTime = .seconds(60) }
        let text = try await control.answers(to: bytes)
        #expect(text.hasPrefix("HTTP/1.1 \(status) ") && text.contains("{\"error\":\""), "\(text)")
        #expect(try await control.request("GET", "/v1/status").status == 200)
        await control.stop()
    }

    @Test func longHeadsAreRefused() async throws {
        let control = try await ControlUnderTest()
        let long = String(repeating: "x", count: 70_000)
        for head in ["GET /\(long) HTTP/1.1\r\nHost: localhost", "GET / HTTP/1.1\r\nHost: localhost\r\nX: \(long)"] {
            #expect(try await control.answers(to: head + "\r\n\r\n").hasPrefix("HTTP/1.1 431 "))
        }
        let many = (1...2_000).map { "X-\($0): \($0)\r\n" }.joined()
        #expect(
            try await control.answers(to: "GET / HTTP/1.1\r\nHost: localhost\r\n\(many)\r\n").hasPrefix("HTTP/1.1 431 ")
        )
        await control.stop()
    }

    @Test func longBodiesAreRefused() async throws {
        let control = try await ControlUnderTest()
        let head = "POST /v1/hold HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        let body = String(repeating: " ", count: 100_000)
        #expect(
            try await control.answers(to: head + "Content-Length: 100000\r\n\r\n" + body).hasPrefix("HTTP/1.1 413 ")
        )
        let chunk = "1000\r\n\(String(repeating: " ", count: 4096))\r\n"
        let chunked = head + "Transfer-Encoding: chunked\r\n\r\n" + String(repeating: chunk, count: 20)
        #expect(try await control.answers(to: chunked).hasPrefix("HTTP/1.1 413 "))
        #expect(control.service.orders.isEmpty)
        await control.stop()
    }

    @Test func whoDoesNotFinishARequestIsClosed() async throws {
        let control = try await ControlUnderTest { $0.requestTime = .milliseconds(200) }
        for part in ["", "GET", "GET / HTTP/1.1\r\nHost: local", "POST /v1/hold HTTP/1.1\r\nHost: localhost\r\n"] {
            #expect(try await control.answers(to: part).isEmpty)
        }
        // Also one that sends a byte now and then.
        let peer = try await control.connect()
        let drip = Task {
            while !Task.isCancelled {
                peer.send("x")
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        _ = try await peer.ended()
        drip.cancel()
        await control.stop()
    }

    @Test func connectionsAreLimited() async throws {
        let control = try await ControlUnderTest { $0.connections = 3 }
        var peers: [RawPeer] = []
        for _ in 1...3 {
            let peer = try await control.connect()
            peer.send("GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try await peer.readMessage().hasPrefix("HTTP/1.1 200 "))
            peers.append(peer)
        }
        #expect(try await control.request("GET", "/v1/status").status == 503)
        peers[0].close()
        while try await control.request("GET", "/v1/status").status != 200 {
            try await Task.sleep(for: .milliseconds(20))
        }
        await control.stop()
    }

    @Test func requestsInARowAreAnsweredInOrder() async throws {
        let control = try await ControlUnderTest()
        control.capture("/a")
        let peer = try await control.connect()
        let paths = ["/v1/exchanges/1", "/v1/status", "/v1/exchanges/2", "/v1/exchanges/1"]
        peer.send(paths.map { "GET \($0) HTTP/1.1\r\nHost: localhost\r\n\r\n" }.joined())
        var statuses: [String] = []
        for _ in paths { statuses.append(String(try await peer.readMessage().prefix(12).suffix(3))) }
        #expect(statuses == ["200", "200", "404", "200"])
        await control.stop()
    }

    @Test func whoReadsNoAnswersGetsNoMore() async throws {
        let control = try await ControlUnderTest { $0.answerTime = .milliseconds(300) }
        for _ in 1...300 { control.capture("/\(String(repeating: "x", count: 200))") }
        let peer = try await RawPeer.connect(port: control.port, receiveBuffer: 4096)
        try await peer.stopReading()
        let request = "GET /v1/exchanges?limit=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n"
        for _ in 1...2_000 { peer.send(request) }
        // The connection is closed although there are requests left.
        while !control.isIdle { try await Task.sleep(for: .milliseconds(20)) }
        await control.stop()
    }

    /// `nc -N`, for example.
    @Test func whoClosesItsSideGetsItsAnswer() async throws {
        let control = try await ControlUnderTest()
        let peer = try await control.connect()
        peer.send("GET /v1/exchanges HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try await peer.halfClose()
        #expect(try await peer.readToEnd().text.hasSuffix("\"exchanges\":[]}\n"))
        await control.stop()
    }

    @Test func aHEADHasNoBody() async throws {
        let control = try await ControlUnderTest()
        let text = try await control.answers(
            to: "HEAD /v1/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n") && text.hasSuffix("\r\n\r\n"))
        await control.stop()
    }

    @Test func anyBytesAreSurvived() async throws {
        let control = try await ControlUnderTest { $0.requestTime = .milliseconds(500) }
        let pieces = [
            "GET ", "POST ", "/v1/events", "/v1/exchanges?limit=", "/api/requests/http", " HTTP/1.1\r\n",
            "Host: localhost\r\n",
            "Content-Type: application/json\r\n", "Content-Length: 2\r\n", "Transfer-Encoding: chunked\r\n", "\r\n",
            "{}",
            "{\"id\":\"1\"}", "0\r\n\r\n", "%", "%00", "-1", "99999999999999999999", "Origin: x\r\n", "\u{0}",
        ]
        let found = await counterexample(of: "bytes for the API", rounds: 60) { random in
            let peer = try await control.connect()
            for _ in 0..<random.roll(12) {
                if random.once(in: 4) { peer.send(random.bytes(upTo: 40)) } else { peer.send(random.pick(pieces)) }
            }
            if random.once(in: 2) { peer.reset() } else { try? await peer.halfClose() }
            _ = try await peer.ended()
        }
        #expect(found == nil)
        #expect(try await control.request("GET", "/v1/status").status == 200)
        await control.stop()
    }
}
