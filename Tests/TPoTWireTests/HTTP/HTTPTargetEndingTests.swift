import Testing

@testable import TPoTWire

@Suite("The end of the target's bytes")
struct HTTPTargetEndingTests {
    static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    static let whole = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"

    struct Sample: Sendable, CustomTestStringConvertible {
        var requests: String
        var answers: String
        var ending: HTTPConversationReader.Ending
        var due: Int
        var testDescription: String { "\(requests.debugDescription) ← \(answers.debugDescription)" }

        init(_ requests: String, _ answers: String, _ ending: HTTPConversationReader.Ending, due: Int = 0) {
            self.requests = requests
            self.answers = answers
            self.ending = ending
            self.due = due
        }
    }

    static let samples = [
        Sample("", "", .complete),
        Sample("", "\r\n", .complete),
        Sample("", whole, .complete),
        Sample("", "HTTP/1.1 408 ", .cut),
        Sample("", "HTTP/1.1 408 Timeout\r\nContent-Length: 2\r\n\r\n1", .cut),
        Sample("", "HTTP/1.1 408 Timeout\r\n\r\nbye", .complete),
        Sample("GET / HT", "", .complete),
        Sample("broken\r\n", "", .complete),
        Sample(get, "", .unanswered, due: 1),
        Sample(get, "\r\n", .unanswered, due: 1),
        Sample(get, "H", .cut, due: 1),
        Sample(get, "HTTP/1.1 200 OK\r\nA: b\r\n", .cut, due: 1),
        Sample(get, "HTTP/1.1 100 Continue\r\n\r\n", .unanswered, due: 1),
        Sample(get, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", .cut, due: 1),
        Sample(get, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n1", .cut, due: 1),
        Sample(get, whole, .complete),
        Sample(get, whole + "\r\n", .complete),
        Sample(get, whole + "HTTP/1.1 4", .cut),
        Sample(get, HTTPChunkTests.answer, .cut, due: 1),
        Sample(get, HTTPChunkTests.answer + "1\r\nx", .cut, due: 1),
        Sample(get, HTTPChunkTests.answer + "0\r\n", .cut, due: 1),
        Sample(get, HTTPChunkTests.answer + "0\r\nA: b\r\n\r", .cut, due: 1),
        Sample(get, HTTPChunkTests.answer + "0\r\n\r\n", .complete),
        Sample(get, HTTPChunkTests.answer + "zz", .complete),
        Sample(get, "HTTP/1.1 200 OK\r\n\r\n", .complete),
        Sample(get, "HTTP/1.0 200 OK\r\n\r\nabc", .complete),
        Sample(get, "no HTTP", .complete),
        Sample(get + get, whole, .unanswered, due: 1),
        Sample(get + get, "HTTP/1.1 200 OK\r\n\r\nabc", .unanswered, due: 1),
        Sample(get + get, whole + whole, .complete),
        Sample(HTTPUpgradeTests.upgrade, "", .unanswered, due: 1),
        Sample(HTTPUpgradeTests.upgrade, HTTPUpgradeTests.switching, .complete),
        Sample(HTTPUpgradeTests.upgrade, HTTPUpgradeTests.switching + "frames", .complete),
        Sample("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", .complete),
    ]

    @Test("the ending is reported correctly in every state", arguments: samples)
    func ends(_ sample: Sample) {
        let transcript = HTTPTranscript([.visitor(sample.requests), .target(sample.answers)])
        #expect(transcript.targetEnds() == sample.ending)
        #expect(transcript.answersDue == sample.due)
        #expect(transcript.targetBytes == latin1(sample.answers), "the bytes of an incomplete head come last")
    }

    @Test("at every offset, complete answers are told from incomplete ones")
    func everyCut() {
        let answers = latin1(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"
                + "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nA: b\r\n\r\n"
        )
        let interimEnd = latin1("HTTP/1.1 100 Continue\r\n\r\n").count
        let firstEnd = interimEnd + latin1("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab").count
        for cut in 0...answers.count {
            let transcript = HTTPTranscript([.visitor(Self.get + Self.get)])
            transcript.send(Array(answers[..<cut]), from: .target)
            let expected: HTTPConversationReader.Ending =
                switch cut {
                case 0, interimEnd, firstEnd: .unanswered
                case answers.count: .complete
                default: .cut
                }
            #expect(transcript.targetEnds() == expected, "cut at \(cut)")
        }
    }
}
