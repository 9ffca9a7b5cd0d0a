import NIOCore
import Testing

@testable import TPoTWire

@Suite("HTTP limits")
struct HTTPLimitTests {
    private func request(ofBytes count: Int) -> String {
        let frame = "GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n"
        return frame.replacing("X: ", with: "X: " + String(repeating: "x", count: count - frame.utf8.count))
    }

    @Test("a head of 64 KiB is read, one byte more is refused", arguments: [Segmentation.whole, .random(1)])
    func requestHead(cut: Segmentation) {
        let fits = HTTPTranscript([.visitor(request(ofBytes: 65_536))], cut: cut)
        #expect(fits.visitorLines == ["GET / host=a none", "end"])
        let tooLarge = HTTPTranscript([.visitor(request(ofBytes: 65_537))], cut: cut)
        #expect(tooLarge.visitorLines.first == "invalid headTooLarge")
        #expect(tooLarge.visitorBytes == latin1(request(ofBytes: 65_537)))
    }

    @Test(
        "an endless head is refused at the limit",
        arguments: ["\r\n", "A", "GET / HTTP/1.1\r\nA: b\r\n", "GET /", "GET / HTTP/1.1\r\nx"]
    )
    func endlessHead(start: String) {
        var limits = HTTPConversationReader.Limits()
        limits.headBytes = 1000
        let filler = start == "\r\n" ? "\r\n" : start.contains("A: b") ? "A: b\r\n" : "xxxx"
        let transcript = HTTPTranscript([.visitor(start)], limits: limits)
        var sent = start.utf8.count
        while !transcript.isOpaque, sent < 2000 {
            transcript.visitor(filler)
            sent += filler.utf8.count
        }
        #expect(transcript.visitorLines.first == "invalid headTooLarge")
        #expect(sent <= 1000 + filler.utf8.count)
        #expect(transcript.bytesHeld == 0)
    }

    @Test("the limit applies to each head, not to the body after it")
    func bodyInTheSameRead() {
        var limits = HTTPConversationReader.Limits()
        limits.headBytes = 64
        let body = String(repeating: "b", count: 1000)
        let transcript = HTTPTranscript(
            [.visitor("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n\(body)" + HTTPAnswerTests.get)],
            limits: limits
        )
        #expect(
            transcript.visitorLines == ["PUT / host=a length(1000)", "body \(body)", "end", "GET / host=a none", "end"]
        )
    }

    @Test("an answer's head over the limit is reported and passes as opaque")
    func answerHead() {
        var limits = HTTPConversationReader.Limits()
        limits.headBytes = 100
        let long = "HTTP/1.1 200 OK\r\nX: \(String(repeating: "x", count: 100))\r\n\r\n"
        for cut in [Segmentation.whole, .bytewise] {
            let transcript = HTTPTranscript([.visitor(HTTPAnswerTests.get), .target(long)], cut: cut, limits: limits)
            #expect(transcript.targetLines == ["invalid headTooLarge", "opaque \(long)"])
            #expect(transcript.targetEnds() == .complete)
        }
    }

    @Test(
        "the status of an unreadable answer is reported if its status line could be read",
        arguments: [
            ("HTTP/1.1 431 Too Large\r\nX: \(String(repeating: "x", count: 200))", 431),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 200),
            ("HTTP/1.1 103 Early Hints\r\nLink: \(String(repeating: "x", count: 200))", nil),
            ("HTTP/1.1 \(String(repeating: "2", count: 200))", nil), ("HTTP/1.1 099 No\r\n", nil), ("ICY 200 OK", nil),
        ] as [(String, Int?)]
    )
    func statusOfAnUnreadableAnswer(answer: String, status: Int?) {
        var limits = HTTPConversationReader.Limits()
        limits.headBytes = 100
        for cut in [Segmentation.whole, .bytewise] {
            let transcript = HTTPTranscript([.visitor(HTTPAnswerTests.get), .target(answer)], cut: cut, limits: limits)
            #expect(transcript.targetLines.first?.hasPrefix("invalid ") == true)
            #expect(transcript.unreadableStatus == status)
        }
    }

    @Test("requests beyond the limit are held until earlier ones are answered")
    func outstandingRequests() {
        var limits = HTTPConversationReader.Limits()
        limits.requestsOutstanding = 3
        let request = HTTPAnswerTests.get
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"
        let transcript = HTTPTranscript([.visitor(String(repeating: request, count: 5))], limits: limits)
        #expect(transcript.heads.count == 3)
        #expect(transcript.isWaitingForAnswer)
        #expect(transcript.bytesHeld == 2 * request.utf8.count)
        transcript.target(answer)
        #expect(transcript.heads.count == 3, "its body is still due")
        transcript.target("x")
        #expect(transcript.heads.count == 4)
        #expect(transcript.isWaitingForAnswer)
        transcript.target(answer + "x" + answer + "x")
        #expect(transcript.heads.count == 5)
        #expect(!transcript.isWaitingForAnswer)
        #expect(transcript.answersDue == 2)
    }

    @Test("by default 1,024 requests may be outstanding")
    func defaultOutstanding() {
        let transcript = HTTPTranscript([.visitor(String(repeating: HTTPAnswerTests.get, count: 1025))])
        #expect(transcript.answersDue == 1024)
        #expect(transcript.bytesHeld == HTTPAnswerTests.get.utf8.count)
    }

    @Test("if the target does not speak HTTP, requests pass beyond the limit and the count stays at it")
    func outstandingWithoutAnswers() {
        var limits = HTTPConversationReader.Limits()
        limits.requestsOutstanding = 2
        let transcript = HTTPTranscript(
            [.target("no HTTP"), .visitor(String(repeating: HTTPUpgradeTests.upgrade, count: 5))],
            limits: limits
        )
        #expect(transcript.heads.count == 5)
        #expect(transcript.answersDue == 2)
        #expect(!transcript.isWaitingForAnswer)
    }

    @Test("a head that comes byte by byte is read only once")
    func linearTime() {
        let clock = ContinuousClock()
        func time(bytes count: Int) -> Duration {
            let bytes = latin1(request(ofBytes: count))
            return clock.measure {
                var reader = HTTPConversationReader()
                for byte in bytes {
                    reader.visitorSent(ByteBuffer(bytes: [byte]))
                    while reader.nextFromVisitor() != nil {}
                }
            }
        }
        // Quadratic would be 64 times as long for 8 times the bytes.
        let small = (0..<5).map { _ in time(bytes: 8_000) }.min() ?? .zero
        let large = (0..<3).map { _ in time(bytes: 64_000) }.min() ?? .zero
        #expect(large < small * 32)
    }
}
