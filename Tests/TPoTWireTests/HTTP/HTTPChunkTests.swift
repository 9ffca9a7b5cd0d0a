import Testing

@testable import TPoTWire

@Suite("HTTP chunked bodies")
struct HTTPChunkTests {
    static let request = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    static let answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

    static let sound = [
        "0\r\n\r\n",
        "5\r\nhello\r\n0\r\n\r\n",
        "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n",
        "a\r\n0123456789\r\n0A\r\n0123456789\r\n000\r\n\r\n",
        "0000000000000001\r\nx\r\n0\r\n\r\n",
        "2\r\n\r\n\r\n0\r\n\r\n",
        "5\r\n0\r\n\r\n\r\n0\r\n\r\n",
        "1;a\r\nx\r\n0;b=\"c;\t\"\r\n\r\n",
        "1 ;a=b\r\nx\r\n0\t ;c\r\n\r\n",
        "0\r\nA: b\r\n\r\n",
        "1\r\nx\r\n0\r\nA: b\r\nC: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    ]

    /// Where the lines end with LF alone, or sizes are padded: seen in answers, refused in requests.
    static let sloppy = [
        "5\nhello\n0\n\n", "1\nx\r\n0\r\n\r\n", "1\r\nx\n0\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n",
        "5 \nhello\r\n0\r\n\r\n",
        "0\r\nA: b\r\n\n",
    ]

    /// What belongs to the body, and what does not.
    static let broken = [
        ("", "\r\n0\r\n\r\n"), ("", ";a\r\n"), ("", "x\r\n"), ("", "-1\r\n"), ("", " 1\r\n"), ("0", "x1\r\n"),
        ("1", "g\r\n"), ("1\r", "x"), ("1\r\nx", "yz\r\n"), ("1\r\nx\r", "y"), ("1 ", "a\r\n"), ("1;a", "\0\r\n"),
        ("1;a\r", "b\r\n"), ("0000000000000000", "1\r\n"), ("7FFFFFFFFFFFFFFF", "F\r\n"), ("0\r\n\r", "x"),
        ("0\r\nA: b\r", "\r\n"), ("0\r\nA:", "\0\r\n"), ("0\r\n\r", "\r\n"),
        // Some read on to the CRLF, some stop at the LF.
        ("1;a", "\nx\r\n0\r\n\r\n"), ("0\r\nA: b", "\n\r\n"),
        // 2⁶³: a negative number for some.
        ("800000000000000", "0\r\n"), ("0\r\nA:b\r", "c: d\r\n\r\n"),
        ("0\r\nno", " colon\r\n\r\n"), ("0\r\nno-colon", "\r\n\r\n"), ("0\r\n", " folded: a\r\n\r\n"),
        ("0\r\n", ": a\r\n\r\n"), ("0\r\nA", " : b\r\n\r\n"),
        ("0\r\nA: b", "\u{1}\r\n\r\n"), ("1;a", "\u{7F}\r\n"),
    ]

    @Test("requests: the body ends where it ends, the next request follows", arguments: sound)
    func soundRequest(body: String) {
        let transcript = HTTPTranscript([.visitor(Self.request + body + "GET /next HTTP/1.1\r\nHost: b\r\n\r\n")])
        #expect(
            transcript.visitorLines == [
                "POST / host=a chunked", "body \(body)", "end", "GET /next host=b none", "end",
            ]
        )
    }

    @Test("answers: the same, and sloppy line ends", arguments: sound + sloppy)
    func soundAnswer(body: String) {
        let transcript = HTTPTranscript([.visitor("GET / HTTP/1.1\r\nHost: a\r\n\r\n")])
        transcript.target(Self.answer + body + "HTTP/1.1 204 No Content\r\n\r\n")
        let end = Self.sloppy.contains(body) ? "end inexact" : "end"
        #expect(transcript.targetLines == ["200 chunked", "body \(body)", end, "204 none", "end"])
        #expect(transcript.answersDue == 0)
    }

    @Test("requests: lines end with CRLF, sizes are not padded", arguments: sloppy)
    func sloppyRequest(body: String) {
        let transcript = HTTPTranscript([.visitor(Self.request + body)])
        #expect(transcript.visitorLines.contains("invalid malformedChunk"))
        #expect(transcript.visitorBytes == latin1(Self.request + body))
        #expect(transcript.isOpaque)
    }

    @Test("requests: from the first wrong byte on nothing is interpreted", arguments: broken)
    func brokenRequest(body: String, rest: String) {
        let transcript = HTTPTranscript([.visitor(Self.request + body + rest)])
        var lines = ["POST / host=a chunked"]
        if !body.isEmpty { lines.append("body \(body)") }
        #expect(transcript.visitorLines == lines + ["invalid malformedChunk", "opaque \(rest)"])
    }

    @Test("answers: the same", arguments: broken)
    func brokenAnswer(body: String, rest: String) {
        let transcript = HTTPTranscript([.visitor("GET / HTTP/1.1\r\nHost: a\r\n\r\n")])
        transcript.target(Self.answer + body + rest)
        transcript.target("more")
        var lines = ["200 chunked"]
        if !body.isEmpty { lines.append("body \(body)") }
        #expect(transcript.targetLines == lines + ["invalid malformedChunk", "opaque \(rest)more"])
        #expect(!transcript.isOpaque, "the visitor's side goes on")
        #expect(transcript.answersDue == 1)
        #expect(transcript.targetEnds() == .complete)
    }

    @Test("a chunk of 2^63 - 1 bytes is only ever begun")
    func largestChunk() {
        let transcript = HTTPTranscript([.visitor(Self.request + "7fffffffffffffff\r\nabc")])
        transcript.visitor("def")
        #expect(transcript.visitorLines == ["POST / host=a chunked", "body 7fffffffffffffff\r\nabcdef"])
        #expect(transcript.requestIncomplete)
    }

    @Test("the size line is bounded, each for itself")
    func lineLimit() {
        var limits = HTTPConversationReader.Limits()
        limits.chunkLineBytes = 8
        let fits = "1;234\r\n"
        let sound = HTTPTranscript([.visitor(Self.request + "\(fits)x\r\n\(fits)y\r\n0\r\n\r\n")], limits: limits)
        #expect(sound.visitorLines.last == "end")
        let long = HTTPTranscript([.visitor(Self.request + "\(fits)x\r\n1;23456\r\ny\r\n0\r\n\r\n")], limits: limits)
        #expect(long.visitorLines.suffix(2) == ["invalid malformedChunk", "opaque \ny\r\n0\r\n\r\n"])
    }

    @Test("the trailers are bounded together")
    func trailerLimit() {
        var limits = HTTPConversationReader.Limits()
        limits.trailerBytes = 12
        let sound = HTTPTranscript([.visitor(Self.request + "0\r\nA: 1\r\nB:\r\n")], limits: limits)
        #expect(sound.visitorLines.last == "body 0\r\nA: 1\r\nB:\r\n")
        let exact = HTTPTranscript([.visitor(Self.request + "0\r\nA: 1\r\nB:\r\n\r\n")], limits: limits)
        #expect(exact.visitorLines.last == "end")
        let long = HTTPTranscript([.visitor(Self.request + "0\r\nA: 1\r\nB: \r\n\r\n")], limits: limits)
        #expect(long.visitorLines.suffix(2) == ["invalid trailersTooLarge", "opaque \n"])
    }
}
