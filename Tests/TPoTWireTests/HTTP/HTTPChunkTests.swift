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

    /// Bodies with bare LF line ends or padded sizes. They are accepted in answers and refused in requests.
    static let sloppy = [
        "5\nhello\n0\n\n", "1\nx\r\n0\r\n\r\n", "1\r\nx\n0\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n",
        "5 \nhello\r\n0\r\n\r\n",
        "0\r\nA: b\r\n\n",
    ]

    /// The part that belongs to the body, and the rest from the first invalid byte on.
    static let broken = [
        ("", "\r\n0\r\n\r\n"), ("", ";a\r\n"), ("", "x\r\n"), ("", "-1\r\n"), ("", " 1\r\n"), ("0", "x1\r\n"),
        ("1", "g\r\n"), ("1\r", "x"), ("1\r\nx", "yz\r\n"), ("1\r\nx\r", "y"), ("1 ", "a\r\n"), ("1;a", "\0\r\n"),
        ("1;a\r", "b\r\n"), ("0000000000000000", "1\r\n"), ("7FFFFFFFFFFFFFFF", "F\r\n"), ("0\r\n\r", "x"),
        ("0\r\nA: b\r", "\r\n"), ("0\r\nA:", "\0\r\n"), ("0\r\n\r", "\r\n"),
        // Some readers stop at the LF, others go on to the CRLF.
        ("1;a", "\nx\r\n0\r\n\r\n"), ("0\r\nA: b", "\n\r\n"),
        // 2⁶³ is negative for readers that use signed integers.
        ("800000000000000", "0\r\n"), ("0\r\nA:b\r", "c: d\r\n\r\n"),
        ("0\r\nno", " colon\r\n\r\n"), ("0\r\nno-colon", "\r\n\r\n"), ("0\r\n", " folded: a\r\n\r\n"),
        ("0\r\n", ": a\r\n\r\n"), ("0\r\nA", " : b\r\n\r\n"),
        ("0\r\nA: b", "\u{1}\r\n\r\n"), ("1;a", "\u{7F}\r\n"),
    ]

    @Test("requests: the next request is found after the body", arguments: sound)
    func soundRequest(body: String) {
        let transcript = HTTPTranscript([.visitor(Self.request + body + "GET /next HTTP/1.1\r\nHost: b\r\n\r\n")])
        #expect(
            transcript.visitorLines == [
                "POST / host=a chunked", "body \(body)", "end", "GET /next host=b none", "end",
            ]
        )
    }

    @Test("answers: the next answer is found after the body, also with sloppy line ends", arguments: sound + sloppy)
    func soundAnswer(body: String) {
        let transcript = HTTPTranscript([.visitor("GET / HTTP/1.1\r\nHost: a\r\n\r\n")])
        transcript.target(Self.answer + body + "HTTP/1.1 204 No Content\r\n\r\n")
        let end = Self.sloppy.contains(body) ? "end inexact" : "end"
        #expect(transcript.targetLines == ["200 chunked", "body \(body)", end, "204 none", "end"])
        #expect(transcript.answersDue == 0)
    }

    @Test("requests: sloppy line ends and padded sizes are refused", arguments: sloppy)
    func sloppyRequest(body: String) {
        let transcript = HTTPTranscript([.visitor(Self.request + body)])
        #expect(transcript.visitorLines.contains("invalid malformedChunk"))
        #expect(transcript.visitorBytes == latin1(Self.request + body))
        #expect(transcript.isOpaque)
    }

    @Test("requests: nothing is interpreted from the first invalid byte on", arguments: broken)
    func brokenRequest(body: String, rest: String) {
        let transcript = HTTPTranscript([.visitor(Self.request + body + rest)])
        var lines = ["POST / host=a chunked"]
        if !body.isEmpty { lines.append("body \(body)") }
        #expect(transcript.visitorLines == lines + ["invalid malformedChunk", "opaque \(rest)"])
    }

    @Test("answers: nothing is interpreted from the first invalid byte on", arguments: broken)
    func brokenAnswer(body: String, rest: String) {
        let transcript = HTTPTranscript([.visitor("GET / HTTP/1.1\r\nHost: a\r\n\r\n")])
        transcript.target(Self.answer + body + rest)
        transcript.target("more")
        var lines = ["200 chunked"]
        if !body.isEmpty { lines.append("body \(body)") }
        #expect(transcript.targetLines == lines + ["invalid malformedChunk", "opaque \(rest)more"])
        #expect(!transcript.isOpaque, "the visitor's side is still read")
        #expect(transcript.answersDue == 1)
        #expect(transcript.targetEnds() == .complete)
    }

    @Test("a chunk may announce 2^63 - 1 bytes")
    func largestChunk() {
        let transcript = HTTPTranscript([.visitor(Self.request + "7fffffffffffffff\r\nabc")])
        transcript.visitor("def")
        #expect(transcript.visitorLines == ["POST / host=a chunked", "body 7fffffffffffffff\r\nabcdef"])
        #expect(transcript.requestIncomplete)
    }

    @Test("each size line is limited")
    func lineLimit() {
        var limits = HTTPConversationReader.Limits()
        limits.chunkLineBytes = 8
        let fits = "1;234\r\n"
        let sound = HTTPTranscript([.visitor(Self.request + "\(fits)x\r\n\(fits)y\r\n0\r\n\r\n")], limits: limits)
        #expect(sound.visitorLines.last == "end")
        let long = HTTPTranscript([.visitor(Self.request + "\(fits)x\r\n1;23456\r\ny\r\n0\r\n\r\n")], limits: limits)
        #expect(long.visitorLines.suffix(2) == ["invalid malformedChunk", "opaque \ny\r\n0\r\n\r\n"])
    }

    @Test("the trailers of a body are limited in total")
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
