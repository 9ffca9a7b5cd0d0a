import Testing

@testable import TPoTWire

@Suite("HTTP requests that are refused")
struct HTTPRequestFaultTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        var bytes: String
        var fault: HTTPRequestFault
        var testDescription: String { "\(fault): \(bytes.debugDescription)" }

        init(_ bytes: String, _ fault: HTTPRequestFault) {
            self.bytes = bytes
            self.fault = fault
        }
    }

    static let requestLines = [
        Sample("GET /\r\n\r\n", .malformedRequestLine),
        Sample("GET\r\n", .malformedRequestLine),
        Sample(" GET / HTTP/1.1\r\n", .malformedRequestLine),
        Sample("GET  HTTP/1.1\r\n", .malformedRequestLine),
        Sample("GET  / HTTP/1.1\r\n", .malformedRequestLine),
        Sample("GET /  HTTP/1.1\r\n", .malformedRequestLine),
        Sample("GET / HTTP/1.1 \r\n", .malformedRequestLine),
        Sample("GET /a b HTTP/1.1\r\n", .malformedRequestLine),
        Sample("GET /a\tb HTTP/1.1\r\n", .malformedRequestLine),
        Sample("GET /\0 HTTP/1.1\r\n", .malformedRequestLine),
        Sample("GET /\u{7F} HTTP/1.1\r\n", .malformedRequestLine),
        Sample("GET /\r HTTP/1.1\r\n", .malformedRequestLine),
        Sample("G\u{E9}T / HTTP/1.1\r\n", .malformedRequestLine),
        Sample("GET / http/1.1\r\n", .malformedRequestLine),
        Sample("GET / HTTP/1\r\n", .malformedRequestLine),
        Sample("GET / HTTP/1.10\r\n", .malformedRequestLine),
        Sample("GET / HTTP/1.1\n\n", .malformedRequestLine),
        Sample("\nGET / HTTP/1.1\r\n", .malformedRequestLine),
        Sample("\rGET / HTTP/1.1\r\n", .malformedRequestLine),
        Sample("HTTP/1.1 200 OK\r\n", .malformedRequestLine),
        Sample("\u{16}\u{3}\u{1}\u{2}\0\u{1}", .malformedRequestLine),
        Sample("GET / HTTP/2.0\r\n", .unsupportedVersion),
        Sample("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .unsupportedVersion),
        Sample("GET / HTTP/0.9\r\n", .unsupportedVersion),
    ]

    static let fields = [
        "A\r\n", ": a\r\n", "A : b\r\n", "A\t: b\r\n", " A: b\r\n", "A: b\r\n c\r\n", "A: b\r\n\tc\r\n", "A: b\n",
        "A: \u{1}\r\n", "A: b\u{7F}\r\n", "A: \u{1B}[2J\r\n", "A: b\rc\r\n", "A: b\r\r\n", "A: \0\r\n", "A\0: b\r\n",
        "A(: b\r\n", "\u{E4}: b\r\n", "A: b\r\n\n", "\n",
        "\r\r\n",
    ].map { Sample("GET / HTTP/1.1\r\nHost: a\r\n\($0)", .malformedHeaderField) }

    static let framings =
        [
            ("Content-Length: 1\r\nContent-Length: 2", HTTPRequestFault.ambiguousFraming),
            ("Content-Length: 5, 6", .ambiguousFraming),
            ("Content-Length: 5, 5", .ambiguousFraming),
            ("Content-Length: 5\r\nContent-Length: 5", .ambiguousFraming),
            ("Content-Length: 5\r\ncontent-length:\t05 ", .ambiguousFraming),
            ("Content-Length: 5\r\nTransfer-Encoding: chunked", .ambiguousFraming),
            ("Transfer-Encoding: chunked\r\nContent-Length: 0", .ambiguousFraming),
            ("Content-Length: x\r\nTransfer-Encoding: chunked", .ambiguousFraming),
            ("Transfer-Encoding: identity", .ambiguousFraming),
            ("Transfer-Encoding:", .ambiguousFraming),
            ("Transfer-Encoding: chunked, gzip", .ambiguousFraming),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip", .ambiguousFraming),
            ("Transfer-Encoding: chunked, chunked", .ambiguousFraming),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", .ambiguousFraming),
            ("Transfer-Encoding: chunked,", .ambiguousFraming),
            ("Transfer-Encoding: , chunked", .ambiguousFraming),
            ("Transfer-Encoding: xchunked", .ambiguousFraming),
            ("Transfer-Encoding: chunkedx", .ambiguousFraming),
            ("Transfer-Encoding: chunked;q=1", .ambiguousFraming),
            ("Transfer-Encoding: gzip;a=\"b, chunked", .ambiguousFraming),
            ("Transfer-Encoding: \u{B}chunked", .malformedHeaderField),
            ("Content-Length:", .invalidContentLength),
            ("Content-Length: -1", .invalidContentLength),
            ("Content-Length: +1", .invalidContentLength),
            ("Content-Length: 1 2", .invalidContentLength),
            ("Content-Length: 0x1", .invalidContentLength),
            ("Content-Length: 1,", .invalidContentLength),
            ("Content-Length: \u{B}1", .malformedHeaderField),
            ("Content-Length: 9223372036854775808", .invalidContentLength),
            ("Content-Length: 18446744073709551616", .invalidContentLength),
            ("Content-Length: 99999999999999999999999", .invalidContentLength),
        ].map { Sample("POST / HTTP/1.1\r\nHost: a\r\n\($0)\r\n\r\n", $1) } + [
            Sample("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .ambiguousFraming)
        ]

    @Test("the fault is reported, then every byte passes as opaque", arguments: requestLines + fields + framings)
    func refused(_ sample: Sample) {
        let transcript = HTTPTranscript([.visitor(sample.bytes)])
        #expect(transcript.visitorLines == ["invalid \(sample.fault)", "opaque \(sample.bytes)"])
        #expect(transcript.isOpaque)
        #expect(transcript.answersDue == 0)
        #expect(transcript.bytesHeld == 0)
    }

    @Test("requests before the fault are complete, bytes after it pass as opaque")
    func afterGoodRequests() {
        let transcript = HTTPTranscript([
            .visitor("POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nxbroken\r\n")
        ])
        transcript.visitor("GET / HTTP/1.1\r\nHost: b\r\n\r\n")
        #expect(
            transcript.visitorLines == [
                "POST /1 host=a length(1)", "body x", "end",
                "invalid malformedRequestLine", "opaque broken\r\nGET / HTTP/1.1\r\nHost: b\r\n\r\n",
            ]
        )
        #expect(transcript.answersDue == 1)
    }

    @Test(
        "valid lengths are accepted",
        arguments: [
            ("Content-Length:\t05 ", "length(5)"),
            ("Content-Length: 9223372036854775807", "length(9223372036854775807)"),
            ("Transfer-Encoding: gzip, chunked", "chunked"), ("transfer-encoding:CHUNKED ", "chunked"),
            ("Transfer-Encoding: gzip\r\nTransfer-Encoding: Chunked", "chunked"), ("Content-Length: 0", "length(0)"),
        ]
    )
    func acceptedFramings(fields: String, framing: String) {
        let transcript = HTTPTranscript([.visitor("POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n")])
        #expect(transcript.visitorLines.first == "POST / host=a \(framing)")
    }

    @Test("input that is not HTTP is refused at its first invalid byte, without waiting for a line end")
    func earlyFault() {
        #expect(HTTPTranscript([.visitor("\u{16}")]).visitorLines == ["invalid malformedRequestLine", "opaque \u{16}"])
        #expect(HTTPTranscript([.visitor("GE(")]).visitorLines == ["invalid malformedRequestLine", "opaque GE("])
    }

    @Test("every fault has a status and a reason")
    func statuses() {
        for fault in HTTPRequestFault.allCases {
            let expected =
                switch fault {
                case .headTooLarge, .trailersTooLarge: 431
                case .unsupportedVersion: 505
                default: 400
                }
            #expect(fault.status == expected)
            #expect(!fault.reason.isEmpty)
        }
    }
}
