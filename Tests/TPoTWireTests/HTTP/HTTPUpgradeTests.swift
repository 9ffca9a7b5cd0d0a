import Testing

@testable import TPoTWire

@Suite("HTTP upgrades and tunnels")
struct HTTPUpgradeTests {
    static let upgrade = "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n"
    static let get = "GET /next HTTP/1.1\r\nHost: b\r\n\r\n"
    static let switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"

    @Test("accepted: held bytes and everything after them pass as opaque")
    func accepted() {
        let transcript = HTTPTranscript([.visitor(Self.upgrade + Self.get)])
        #expect(transcript.visitorLines == ["GET /ws host=a none upgrade", "end"])
        #expect(transcript.isWaitingForAnswer)
        #expect(transcript.bytesHeld == Self.get.utf8.count)
        #expect(!transcript.requestIncomplete)

        transcript.target(Self.switching + "\u{81}\u{0}")
        #expect(transcript.targetLines == ["101 none tunnel", "end", "opaque \u{81}\u{0}"])
        #expect(transcript.visitorLines.last == "opaque \(Self.get)")
        #expect(!transcript.isWaitingForAnswer)
        #expect(transcript.isOpaque)
        #expect(transcript.bytesHeld == 0)
        #expect(transcript.answersDue == 0)

        transcript.visitor(Self.get)
        transcript.target("HTTP/1.1 200 OK\r\n\r\n")
        #expect(transcript.visitorLines.last == "opaque \(Self.get)\(Self.get)")
        #expect(transcript.targetLines.last == "opaque \u{81}\u{0}HTTP/1.1 200 OK\r\n\r\n")
        #expect(transcript.answersDue == 0)
        #expect(transcript.targetEnds() == .complete)
    }

    @Test("refused: the next request is read as HTTP")
    func refused() {
        let transcript = HTTPTranscript([.visitor(Self.upgrade + Self.get)])
        transcript.target("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n")
        #expect(transcript.isWaitingForAnswer, "interim answers decide nothing")
        transcript.target("HTTP/1.1 426 Upgrade Required\r\nContent-Length: 2")
        #expect(transcript.isWaitingForAnswer)
        transcript.target("\r\n\r\n")
        #expect(!transcript.isWaitingForAnswer, "the head alone decides")
        #expect(transcript.visitorLines.suffix(2) == ["GET /next host=b none", "end"])
        #expect(transcript.answersDue == 2)
        transcript.target("noHTTP/1.1 204 No Content\r\n\r\n")
        #expect(
            transcript.targetLines.suffix(5) == ["426 length(2)", "body no", "end", "204 none", "end"]
        )
        #expect(transcript.answersDue == 0)
    }

    @Test("the body of the upgrade request passes before bytes are held")
    func ownBody() {
        let post = Self.upgrade.replacing("GET /ws", with: "POST /ws").dropLast(1) + "Content-Length: 4\r\n\r\n"
        let transcript = HTTPTranscript([.visitor(post + "bo")])
        #expect(!transcript.isWaitingForAnswer)
        transcript.visitor("dy" + Self.get)
        #expect(transcript.visitorLines == ["POST /ws host=a length(4) upgrade", "body body", "end"])
        #expect(transcript.isWaitingForAnswer)
        transcript.target("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        #expect(transcript.heads.count == 2)
    }

    @Test("only the answer to the upgrade request decides, not an earlier one")
    func behindOthers() {
        let transcript = HTTPTranscript([.visitor(Self.get + Self.upgrade + Self.get)])
        #expect(transcript.heads.count == 2)
        transcript.target("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        #expect(transcript.isWaitingForAnswer)
        transcript.target("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        #expect(!transcript.isWaitingForAnswer)
        #expect(transcript.heads.count == 3)
        #expect(transcript.answersDue == 1)
    }

    @Test("refused before the request's body is complete: nothing is held")
    func refusedEarly() {
        let post = Self.upgrade.replacing("GET /ws", with: "POST /ws").dropLast(1) + "Content-Length: 4\r\n\r\n"
        let transcript = HTTPTranscript([.visitor(post + "bo")])
        transcript.target("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
        transcript.visitor("dy" + Self.get)
        #expect(!transcript.isWaitingForAnswer)
        #expect(transcript.visitorLines.suffix(4) == ["body body", "end", "GET /next host=b none", "end"])
    }

    @Test("a HEAD request may ask for an upgrade: bytes are held, and its refusal has no body")
    func upgradingHead() {
        let transcript = HTTPTranscript([.visitor(Self.upgrade.replacing("GET", with: "HEAD") + Self.get)])
        #expect(transcript.isWaitingForAnswer)
        transcript.target("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n")
        #expect(transcript.targetLines == ["200 none", "end"])
        #expect(transcript.heads.count == 2)
    }

    @Test("CONNECT: a 2xx opens the tunnel, whatever its fields say")
    func connect() {
        let transcript = HTTPTranscript([.visitor("CONNECT b:1 HTTP/1.1\r\nHost: b:1\r\n\r\n\u{16}\u{3}")])
        #expect(transcript.isWaitingForAnswer)
        #expect(transcript.bytesHeld == 2)
        transcript.target("HTTP/1.1 299 OK\r\nContent-Length: 9\r\n\r\n\u{17}")
        #expect(transcript.targetLines == ["299 none tunnel", "end", "opaque \u{17}"])
        #expect(transcript.visitorLines.last == "opaque \u{16}\u{3}")
        #expect(transcript.isOpaque)
    }

    @Test("CONNECT refused: the conversation continues as HTTP")
    func connectRefused() {
        let transcript = HTTPTranscript([.visitor("CONNECT b:1 HTTP/1.1\r\nHost: b:1\r\n\r\n" + Self.get)])
        transcript.target("HTTP/1.1 405 No\r\nContent-Length: 1\r\n\r\nx")
        #expect(transcript.targetLines == ["405 length(1)", "body x", "end"])
        #expect(transcript.heads.count == 2)
        transcript.target("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")
        #expect(transcript.targetLines.suffix(3) == ["200 length(1)", "body x", "end"])
    }

    @Test(
        "a 101 that was not requested, or to another protocol, is reported, and the visitor's side stays HTTP",
        arguments: [
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "Upgrade: websocket\r\n"),
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "Content-Length: 0\r\n"),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab", "Upgrade: websocket\r\n"),
            ("GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", "Upgrade: websocket\r\n"),
            ("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", "Upgrade: websocket\r\n"),
            (upgrade, "Upgrade: h2c\r\n"), (upgrade, "Upgrade: websocket, h2c\r\n"), (upgrade, "Upgrade:\r\n"),
            (upgrade, ""),
            ("", "Upgrade: websocket\r\n"),
        ]
    )
    func unaskedSwitch(request: String, fields: String) {
        let transcript = HTTPTranscript([.visitor(request)])
        let due = transcript.answersDue
        let answer = "HTTP/1.1 101 Switching Protocols\r\n\(fields)\r\n"
        transcript.target(answer + "x")
        #expect(transcript.targetLines == ["invalid upgradeNotRequested", "opaque \(answer)x"])
        #expect(transcript.answersDue == due)
        #expect(!transcript.isOpaque)
    }

    @Test("only the first sixteen offered protocols count, so comparing them is fast")
    func offersWithoutEnd() {
        let offered = (0..<8000).map { "p\($0)" }
        func transcript(_ chosen: [String]) -> HTTPTranscript {
            let fields = "Connection: upgrade\r\nUpgrade: \(offered.joined(separator: ","))\r\n"
            let transcript = HTTPTranscript([.visitor("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")])
            transcript.target(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: \(chosen.joined(separator: ","))\r\n\r\n"
            )
            return transcript
        }
        #expect(transcript(["p15"]).targetLines.first == "101 none tunnel")
        #expect(transcript(["p16"]).targetLines.first == "invalid upgradeNotRequested")
        // Comparing all of them would take 64 million comparisons.
        let time = ContinuousClock().measure {
            #expect(transcript(offered.reversed()).targetLines.first == "invalid upgradeNotRequested")
        }
        #expect(time < .seconds(2))
    }

    @Test("a 101 may choose any of the offered protocols, ignoring case")
    func oneOfSeveral() {
        let request = Self.upgrade.replacing("Upgrade: websocket", with: "Upgrade: h2c, WebSocket\r\nUpgrade: foo/2")
        for chosen in ["websocket", "WEBSOCKET", "foo/2", "h2c"] {
            let transcript = HTTPTranscript([.visitor(request)])
            transcript.target(Self.switching.replacing("websocket", with: chosen))
            #expect(transcript.targetLines == ["101 none tunnel", "end"])
        }
    }

    @Test("a target that does not speak HTTP cannot block the visitor forever")
    func answerThatIsNotHTTP() {
        let transcript = HTTPTranscript([.visitor(Self.upgrade + Self.get)])
        transcript.target("ICY 200 OK\r\n")
        #expect(!transcript.isWaitingForAnswer)
        #expect(transcript.heads.count == 2)
    }
}
