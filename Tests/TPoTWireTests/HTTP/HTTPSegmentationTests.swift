import Testing

@testable import TPoTWire

@Suite("HTTP conversations split at any byte")
struct HTTPSegmentationTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        var name: String
        var steps: [HTTPTranscript.Step]
        var testDescription: String { name }
        var length: Int { steps.reduce(0) { $0 + $1.bytes.count } }
    }

    static let samples: [Sample] =
        [
            Sample(
                name: "pipelining",
                steps: [
                    .visitor(
                        "\r\nGET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nhost:\tb \r\nContent-Length: 5\r\n\r\nh\r\n\r\n"
                            + "\r\nHEAD /3 HTTP/1.1\r\nX: y\r\nHOST:c\r\n\r\nGET /4\u{FC} HTTP/1.0\r\n\r\n"
                    ),
                    .target("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\r\n\r"),
                    .target(
                        "\r\nHTTP/1.1 204 None\nX: y\n\nHTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"
                            + "HTTP/1.0 200 OK\r\n\r\nall the rest"
                    ),
                ]
            ),
            Sample(
                name: "chunks",
                steps: [
                    .visitor(
                        "PUT / HTTP/1.1\r\nTransfer-Encoding: gzip\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                            + "00a;x=\"y\"\r\n\r\n0\r\n\r\n\r\n\r\r\n3\r\nabc\r\n0\r\nA: b\r\nC:\r\n\r\n"
                            + "GET /next HTTP/1.1\r\nHost: a\r\n\r\n"
                    ),
                    .target(
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3 \r\n0\r\n\r\n2\nab\n0\nT: x\r\n\r\n"
                    ),
                    .target("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"),
                ]
            ),
            Sample(
                name: "upgrade accepted",
                steps: [
                    .visitor(HTTPUpgradeTests.get + HTTPUpgradeTests.upgrade + "frame \0\u{FF} GET / HTTP/1.1\r\n\r\n"),
                    .target("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + HTTPUpgradeTests.switching + "frames"),
                    .visitor(HTTPUpgradeTests.get), .target("HTTP/1.1 200 OK\r\n\r\n"),
                ]
            ),
            Sample(
                name: "upgrade refused",
                steps: [
                    .visitor(HTTPUpgradeTests.upgrade + HTTPUpgradeTests.get + HTTPUpgradeTests.upgrade + "held"),
                    .target("HTTP/1.1 426 No\r\nContent-Length: 2\r\n\r\nno"),
                    .target("HTTP/1.1 204 No Content\r\n\r\n"),
                    .visitor(" and more"),
                ]
            ),
            Sample(
                name: "CONNECT",
                steps: [
                    .visitor("CONNECT b:1 HTTP/1.1\r\nHost: b:1\r\n\r\n\u{16}\u{3}\r\n\r\n"),
                    .target("HTTP/1.1 100 Hm\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\u{17}"),
                ]
            ),
            Sample(
                name: "fault after a request",
                steps: [
                    .visitor(
                        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nxGET / HTTP/1.1\r\nHost : a\r\n\r\nrest"
                    ),
                    .target("HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\nHTTP/1.1 400 Bad\r\n\r\nthe end"),
                ]
            ),
            Sample(
                name: "no HTTP at all",
                steps: [.visitor("SSH-2.0-OpenSSH\r\n\0\0"), .target("\r\nHTTP/1.1 OK\r\n\r\n")]
            ),
        ]
        + (HTTPRequestFaultTests.requestLines + HTTPRequestFaultTests.fields + HTTPRequestFaultTests.framings).map {
            Sample(name: $0.testDescription, steps: [.visitor($0.bytes)])
        }
        + (HTTPChunkTests.sound + HTTPChunkTests.sloppy + HTTPChunkTests.broken.map { $0 + $1 }).flatMap {
            [
                Sample(name: "request \($0.debugDescription)", steps: [.visitor(HTTPChunkTests.request + $0 + "GET ")]),
                Sample(name: "answer \($0.debugDescription)", steps: [.target(HTTPChunkTests.answer + $0 + "HTTP")]),
            ]
        }

    @Test("the events and the bytes are the same", arguments: samples)
    func cuts(_ sample: Sample) {
        let whole = HTTPTranscript(sample.steps)
        let ending = whole.targetEnds()
        let sent = sample.steps.filter { $0.side == .visitor }.flatMap(\.bytes)
        #expect(whole.visitorBytes == sent.dropLast(whole.bytesHeld))
        #expect(whole.targetBytes == sample.steps.filter { $0.side == .target }.flatMap(\.bytes))

        let cuts =
            [Segmentation.bytewise] + (1..<sample.length).map(Segmentation.at) + (1...50).map(Segmentation.random)
        for cut in cuts {
            let transcript = HTTPTranscript(sample.steps, cut: cut)
            let same =
                transcript.targetEnds() == ending && transcript.visitorLines == whole.visitorLines
                && transcript.targetLines == whole.targetLines && transcript.visitorBytes == whole.visitorBytes
                && transcript.targetBytes == whole.targetBytes
                && transcript.bytesHeld == whole.bytesHeld
                && transcript.answersDue == whole.answersDue
                && transcript.isOpaque == whole.isOpaque
                && transcript.heads == whole.heads && transcript.answers == whole.answers
            #expect(
                same,
                """
                \(cut): \(transcript.visitorLines) \(transcript.targetLines)
                whole: \(whole.visitorLines) \(whole.targetLines)
                """
            )
        }
    }
}
