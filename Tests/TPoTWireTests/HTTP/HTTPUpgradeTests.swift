import Testing

@testable import TPoTWire

@Suite("HTTP upgrades and tunnels")
struct HTTPUpgradeTests {
    static let upgrade = "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n"
    static let get = "GET /next HTTP/1.1\r\nHost: b\r\n\r\n"
    static let switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"

    @Test("accepted: held bytes and all that follows pass untouched")
    func accepted() {
        var transcript = HTTPTranscript([.visitor(Self.upgrade + Self.get)])
        #expect(transcript.visitorLines == ["GET /ws host=a none upgrade", "end"])
        #expect(transcript.reader.isWaitingForAnswer)
        #expect(transcript.reader.bytesHeld == Self.get.utf8.count)
        #expect(!transcript.reader.requestIncomplete)

        transcript.target(Self.switching + "\u{81}\u{0}")
        #expect(transcript.targetLines == ["101 none tunnel", "end", "opaque \u{81}\u{0}"])
        #expect(transcript.visitorLines.last == "opaque \(Self.get)")
        #expect(!transcript.reader.isWaitingForAnswer)
        #expect(transcript.reader.isOpaque)
        #expect(transcript.reader.bytesHeld == 0)
        #expect(transcript.reader.answersDue == 0)

        transcript.visitor(Self.get)
        transcript.target("HTTP/1.1 200 OK\r\n\r\n")
        #expect(transcript.visitorLines.last == "opaque \(Self.get)\(Self.get)")
        #expect(transcript.targetLines.last == "opaque \u{81}\u{0}HTTP/1.1 200 OK\r\n\r\n")
        #expect(transcript.reader.answersDue == 0)
        #expect(transcript.targetEnds() == .complete)
    }

    @Test("refused: the next request is read, its Host found")
    func refused() {
        var transcript = HTTPTranscript([.visitor(Self.upgrade + Self.get)])
        transcript.target("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n")
        #expect(transcript.reader.isWaitingForAnswer, "interim answers decide nothing")
        transcript.target("HTTP/1.1 426 Upgrade Required\r\nContent-Length: 2")
        #expect(transcript.reader.isWaitingForAnswer)
        transcript.target("\r\n\r\n")
        #expect(!transcript.reader.isWaitingForAnswer, "the head alone decides")
        #expect(transcript.visitorLines.suffix(2) == ["GET /next host=b none", "end"])
        #expect(transcript.reader.answersDue == 2)
        transcript.target("noHTTP/1.1 204 No Content\r\n\r\n")
        #expect(
            transcript.targetLines.suffix(5) == ["426 length(2)", "body no", "end", "204 none", "end"]
        )
        #expect(transcript.reader.answersDue == 0)
    }

    @Test("the upgrading request's own body passes before the holding begins")
    func ownBody() {
        let post = Self.upgrade.replacing("GET /ws", with: "POST /ws").dropLast(1) + "Content-Length: 4\r\n\r\n"
        var transcript = HTTPTranscript([.visitor(post + "bo")])
        #expect(!transcript.reader.isWaitingForAnswer)
        transcript.visitor("dy" + Self.get)
        #expect(transcript.visitorLines == ["POST /ws host=a length(4) upgrade", "body body", "end"])
        #expect(transcript.reader.isWaitingForAnswer)
        transcript.target("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        #expect(transcript.heads.count == 2)
    }

    @Test("the head of the upgrading request's own answer decides, not that of an earlier one")
    func behindOthers() {
        var transcript = HTTPTranscript([.visitor(Self.get + Self.upgrade + Self.get)])
        #expect(transcript.heads.count == 2)
        transcript.target("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        #expect(transcript.reader.isWaitingForAnswer)
        transcript.target("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        #expect(!transcript.reader.isWaitingForAnswer)
        #expect(transcript.heads.count == 3)
        #expect(transcript.reader.answersDue == 1)
    }

    @Test("refused before the request's body is complete: nothing is held")
    func refusedEarly() {
        let post = Self.upgrade.replacing("GET /ws", with: "POST /ws").dropLast(1) + "Content-Length: 4\r\n\r\n"
        var transcript = HTTPTranscript([.visitor(post + "bo")])
        transcript.target("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
        transcript.visitor("dy" + Self.get)
        #expect(!transcript.reader.isWaitingForAnswer)
        #expect(transcript.visitorLines.suffix(4) == ["body body", "end", "GET /next host=b none", "end"])
    }

    @Test("a HEAD that asks for an upgrade: held, and its refusal has no body")
    func upgradingHead() {
        var transcript = HTTPTranscript([.visitor(Self.upgrade.replacing("GET", with: "HEAD") + Self.get)])
        #expect(transcript.reader.isWaitingForAnswer)
        transcript.target("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n")
        #expect(transcript.targetLines == ["200 none", "end"])
        #expect(transcript.heads.count == 2)
    }

    @Test("CONNECT: a 2xx opens the tunnel, whatever its fields say")
    func connect() {
        var transcript = HTTPTranscript([.visitor("CONNECT b:1 HTTP/1.1\r\nHost: b:1\r\n\r\n\u{16}\u{3}")])
        #expect(transcript.reader.isWaitingForAnswer)
        #expect(transcript.reader.bytesHeld == 2)
        transcript.target("HTTP/1.1 299 OK\r\nContent-Length: 9\r\n\r\n\u{17}")
        #expect(transcript.targetLines == ["299 none tunnel", "end", "opaque \u{17}"])
        #expect(transcript.visitorLines.last == "opaque \u{16}\u{3}")
        #expect(transcript.reader.isOpaque)
    }

    @Test("CONNECT refused: the conversation goes on")
    func connectRefused() {
        var transcript = HTTPTranscript([.visitor("CONNECT b:1 HTTP/1.1\r\nHost: b:1\r\n\r\n" + Self.get)])
        transcript.target("HTTP/1.1 405 No\r\nContent-Length: 1\r\n\r\nx")
        #expect(transcript.targetLines == ["405 length(1)", "body x", "end"])
        #expect(transcript.heads.count == 2)
        transcript.target("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")
        #expect(transcript.targetLines.suffix(3) == ["200 length(1)", "body x", "end"])
    }

    @Test("101 without having been asked: both directions are opaque, even inside a body")
    func unaskedSwitch() {
        var transcript = HTTPTranscript([.visitor("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab")])
        transcript.target(Self.switching + Self.switching)
        transcript.visitor("cd" + Self.get)
        #expect(transcript.targetLines == ["101 none tunnel", "end", "opaque \(Self.switching)"])
        #expect(transcript.visitorLines == ["POST / host=a length(4)", "body ab", "opaque cd\(Self.get)"])
        #expect(transcript.reader.answersDue == 0)
        #expect(!transcript.reader.requestIncomplete)

        var idle = HTTPTranscript()
        idle.target(Self.switching)
        idle.visitor(Self.get)
        #expect(idle.visitorLines == ["opaque \(Self.get)"])
    }

    @Test("a target that does not speak HTTP cannot hold the visitor for ever")
    func answerThatIsNotHTTP() {
        var transcript = HTTPTranscript([.visitor(Self.upgrade + Self.get)])
        transcript.target("ICY 200 OK\r\n")
        #expect(!transcript.reader.isWaitingForAnswer)
        #expect(transcript.heads.count == 2)
    }
}
