import Testing

@testable import TPoTWire

@Suite("HTTP answers")
struct HTTPAnswerTests {
    static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    static let head = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"

    struct Sample: Sendable, CustomTestStringConvertible {
        var bytes: String
        var lines: [String]
        var testDescription: String { bytes.debugDescription }

        init(_ bytes: String, _ lines: String...) {
            self.bytes = bytes
            self.lines = lines
        }
    }

    @Test(
        "an answer to GET ends where its framing says",
        arguments: [
            Sample("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", "200 length(2)", "body ab", "end"),
            Sample("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "200 length(0)", "end"),
            Sample("HTTP/1.1 200\r\nContent-Length: 1\r\n\r\na", "200 length(1)", "body a", "end inexact"),
            Sample("HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\na", "200 length(1)", "body a", "end"),
            Sample("HTTP/1.1 \t 200  OK\nContent-Length:1\n\na", "200 length(1)", "body a", "end inexact"),
            Sample("\r\n\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", "200 length(1)", "body a", "end inexact"),
            Sample("HTTP/1.1 200 O\u{7}K\r\nContent-Length: 1\r\n\r\na", "200 length(1)", "body a", "end inexact"),
            Sample("HTTP/1.1 200 OK\nContent-Length: 1\n\na", "200 length(1)", "body a", "end inexact"),
            Sample(
                "HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 1\r\n\r\na",
                "200 length(1)",
                "body a",
                "end inexact"
            ),
            Sample("HTTP/1.1 200 OK\r\nA : b\r\nContent-Length: 1\r\n\r\na", "200 length(1)", "body a", "end inexact"),
            Sample("HTTP/1.1 200 OK\r\n: b\r\nContent-Length: 1\r\n\r\na", "200 length(1)", "body a", "end inexact"),
            Sample("HTTP/1.1 204 No\r\nTransfer-Encoding: odd, chunked, odd\r\n\r\n", "204 none", "end"),
            Sample("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", "204 none", "end"),
            Sample("HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", "304 none", "end"),
            Sample(
                "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na",
                "200 length(1)",
                "body a",
                "end"
            ),
            Sample("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", "200 length(1) close", "body a", "end"),
            Sample("HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nab", "200 length(2)", "body ab", "end inexact"),
            Sample(
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 01\r\n\r\na",
                "200 length(1)",
                "body a",
                "end inexact"
            ),
            Sample(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                "200 chunked",
                "body 0\r\n\r\n",
                "end"
            ),
            Sample(
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\nContent-Length: 4\r\n\r\n"
                    + "HTTP/1.1 999 Odd\r\nno colon here\r\nContent-Length: 1\r\n\r\na",
                "100 none interim",
                "103 none interim",
                "999 length(1)",
                "body a",
                "end inexact"
            ),
        ]
    )
    func answer(_ sample: Sample) {
        let transcript = HTTPTranscript([.visitor(Self.get + Self.get)])
        transcript.target(sample.bytes)
        #expect(transcript.targetLines == sample.lines)
        #expect(transcript.targetBytes == latin1(sample.bytes))
        #expect(transcript.answersDue == 1)
        // The next answer belongs to the next request.
        transcript.target("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        #expect(transcript.targetLines == sample.lines + ["200 length(0)", "end"])
        #expect(transcript.answersDue == 0)
    }

    @Test(
        "an answer to GET without a length ends when the target closes",
        arguments: [
            "", "Transfer-Encoding: gzip\r\n", "Transfer-Encoding: identity\r\n", "X-Content-Length: 1\r\n",
        ]
    )
    func untilClose(fields: String) {
        let transcript = HTTPTranscript([.visitor(Self.get)])
        transcript.target("HTTP/1.1 200 OK\r\n\(fields)\r\n")
        transcript.target("a")
        transcript.target("HTTP/1.1 200 OK\r\n\r\n")
        #expect(transcript.answerBegun)
        #expect(transcript.targetLines == ["200 untilClose", "body aHTTP/1.1 200 OK\r\n\r\n"])
        #expect(transcript.targetEnds() == .complete)
        #expect(transcript.targetLines.last == "end")
        #expect(transcript.answersDue == 0)
        #expect(!transcript.answerBegun)
    }

    @Test("an answer to HEAD has no body, and the next answer is read for its own request")
    func headRequest() {
        let transcript = HTTPTranscript([.visitor(Self.head + Self.get + Self.head)])
        transcript.target(
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
        )
        transcript.target("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        #expect(transcript.targetLines == ["200 none", "end", "200 length(5)", "body hello", "end", "200 none", "end"])
        #expect(transcript.answersDue == 0)
    }

    @Test("the answers due are counted, with and without pipelining")
    func counting() {
        let transcript = HTTPTranscript()
        for _ in 0..<3 {
            transcript.visitor(Self.get)
            #expect(transcript.answersDue == 1)
            transcript.target("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n")
            #expect(transcript.answerBegun)
            transcript.target("a")
            #expect(!transcript.answerBegun)
            #expect(transcript.answersDue == 0)
        }
        transcript.visitor(Self.get + Self.get + Self.get)
        #expect(transcript.answersDue == 3)
        transcript.target("HTTP/1.1 204 A\r\n\r\nHTTP/1.1 204 B\r\n\r\nHTTP/1.1 1")
        #expect(transcript.answersDue == 1)
        #expect(!transcript.answerBegun)
        transcript.target("00 C\r\n\r\n")
        #expect(!transcript.answerBegun, "an interim answer does not count")
        #expect(transcript.answersDue == 1)
        transcript.target("HTTP/1.1 204 C\r\n\r\n")
        #expect(transcript.answersDue == 0)
    }

    @Test("an answer may come before the end of the request's body")
    func earlyAnswer() {
        let transcript = HTTPTranscript([.visitor("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab")])
        transcript.target("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        #expect(transcript.answersDue == 0)
        #expect(transcript.requestIncomplete)
        transcript.visitor("cd" + Self.head)
        #expect(transcript.visitorLines.suffix(4) == ["body abcd", "end", "HEAD / host=a none", "end"])
        transcript.target("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n")
        #expect(transcript.targetLines == ["413 length(0)", "end", "200 none", "end"])
    }

    @Test("an unsolicited answer is read and counts for no request")
    func unaskedAnswer() {
        let transcript = HTTPTranscript()
        transcript.target("HTTP/1.1 408 Timeout\r\nContent-Length: 3\r\n\r\nb")
        #expect(transcript.answersDue == 0)
        #expect(!transcript.answerBegun)
        transcript.visitor(Self.get)
        transcript.target("ye")
        #expect(transcript.targetLines == ["408 length(3)", "body bye", "end"])
        #expect(transcript.answersDue == 1)
        #expect(transcript.targetEnds() == .unanswered)
    }

    @Test(
        "a target that does not speak HTTP/1 is reported, and its bytes pass as opaque",
        arguments: [
            "ICY 200 OK\r\n\r\n", "x", "http/1.1 200 OK\r\n", "HTTP/2 200\r\n", "HTTP/1.x 200 OK\r\n",
            "HTTP/1.1 20\r\n",
            "HTTP/1.1 099 No\r\n", "HTTP/1.1 000 No\r\n", "HTTP/1.1 200.1 OK\r\n", "HTTP/1.01 200 OK\r\n",
            "HTTP/1.1 -20 No\r\n", "HTTP/1.1 +200 OK\r\n", "HTTP/1.1200 OK\r\n", "HTTP/1.1 2000 No\r\n", "HTTP/1.1\r\n",
            "HTTP/1.1 2x0 No\r\n",
            "\r\n<html>", "SSH-2.0", "\0",
        ]
    )
    func notHTTP(bytes: String) {
        let transcript = HTTPTranscript([.visitor(Self.get)])
        transcript.target(bytes)
        transcript.target("HTTP/1.1 200 OK\r\n\r\n")
        #expect(
            transcript.targetLines == ["invalid malformedStatusLine", "opaque \(bytes)HTTP/1.1 200 OK\r\n\r\n"]
        )
        #expect(transcript.answersDue == 1)
        transcript.visitor(Self.get)
        #expect(!transcript.isOpaque)
        #expect(transcript.heads.count == 2, "the visitor's side is still read")
        #expect(transcript.answersDue == 2)
        #expect(transcript.targetEnds() == .complete)
        #expect(transcript.answersDue == 0)
    }

    /// Servers and proxies in use read each of these differently.
    static let uncertain: [(fields: String, fault: HTTPResponseFault)] = [
        ("Content-Length: 1\r\nContent-Length: 2", .ambiguousFraming),
        ("Content-Length: 1, 2", .ambiguousFraming),
        ("Content-Length: 0\r\nTransfer-Encoding: identity", .ambiguousFraming),
        ("Content-Length: 9\r\nTransfer-Encoding: chunked", .ambiguousFraming),
        ("Transfer-Encoding: chunked\r\nContent-Length: 9", .ambiguousFraming),
        ("Transfer-Encoding: gzip\r\nContent-Length: 1", .ambiguousFraming),
        ("Transfer-Encoding: chunked, gzip", .ambiguousFraming),
        ("Transfer-Encoding: chunked, chunked", .ambiguousFraming),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", .ambiguousFraming),
        ("Transfer-Encoding: xchunked", .ambiguousFraming),
        ("Transfer-Encoding: chunked;q=1", .ambiguousFraming),
        ("Transfer-Encoding: \u{B}chunked", .ambiguousFraming),
        ("Transfer-Encoding: \"chunked\"", .ambiguousFraming),
        ("Transfer-Encoding:", .ambiguousFraming),
        ("Transfer-Encoding: chunked,", .ambiguousFraming),
        ("Content-Length: x", .invalidContentLength),
        ("Content-Length:", .invalidContentLength),
        ("Content-Length: +1", .invalidContentLength),
        ("Content-Length: 0x1", .invalidContentLength),
        ("Content-Length: 1_0", .invalidContentLength),
        ("Content-Length: 9223372036854775808", .invalidContentLength),
        ("Content-Length: 18446744073709551616", .invalidContentLength),
        ("Content-Length: 1\r\n 2", .malformedHeaderField),
        ("Transfer-Encoding: gzip,\r\n\tchunked", .malformedHeaderField),
        ("Content-Length : 1", .malformedHeaderField),
        ("Transfer-Encoding\t: chunked", .malformedHeaderField),
        ("X: a\r\n Content-Length: 0", .malformedHeaderField),
        ("\u{B}Content-Length: 0", .malformedHeaderField),
        ("Content-Length\u{B}: 0", .malformedHeaderField),
        ("Transfer-Encoding chunked", .malformedHeaderField),
        ("X: a\rContent-Length: 0", .malformedHeaderField),
        ("X: a\0b", .malformedHeaderField),
    ]

    @Test("an answer to GET whose end is not certain is invalid", arguments: uncertain.indices)
    func uncertainEnd(index: Int) {
        let (fields, fault) = Self.uncertain[index]
        for cut in [Segmentation.whole, .bytewise] {
            let answer = "HTTP/1.1 200 OK\r\n\(fields)\r\n\r\n"
            let transcript = HTTPTranscript([.visitor(Self.get), .target(answer)], cut: cut)
            #expect(transcript.targetLines == ["invalid \(fault)", "opaque \(answer)"])
            #expect(transcript.answersDue == 1)
        }
    }

    @Test("a chunked answer in HTTP/1.0 is invalid")
    func oldChunks() {
        let transcript = HTTPTranscript([.visitor(Self.get)])
        transcript.target("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        #expect(transcript.targetLines.first == "invalid ambiguousFraming")
    }

    @Test("every fault has a reason")
    func reasons() {
        #expect(HTTPResponseFault.allCases.allSatisfy { !$0.reason.isEmpty })
        #expect(HTTPResponseFault.allCases.filter(\.isInBody) == [.malformedChunk, .trailersTooLarge])
    }

    @Test("the status line is parsed")
    func statusLine() throws {
        let transcript = HTTPTranscript([.visitor(Self.get)])
        transcript.target("HTTP/1.0 404  nicht gef\u{FC}nden \r\nContent-Length: 0\r\n\r\n")
        let head = try #require(transcript.answers.first)
        #expect(head.status == 404)
        #expect(head.minorVersion == 0)
        #expect(text(head.reason) == "nicht gef\u{FC}nden")
        #expect(head.fields.first(named: "content-length").map { text($0) } == "0")
    }
}
