import NIOCore
import Testing

@testable import TPoTWire

@Suite("HTTP requests")
struct HTTPRequestReadingTests {
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
        "where requests start and end",
        arguments: [
            Sample("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / host=a none", "end"),
            Sample(
                "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: b\r\n\r\n",
                "GET /1 host=a none",
                "end",
                "GET /2 host=b none",
                "end"
            ),
            Sample("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / host=a none", "end"),
            Sample(
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc\r\nGET / HTTP/1.1\r\nHost: b\r\n\r\n",
                "POST / host=a length(3)",
                "body abc",
                "end",
                "GET / host=b none",
                "end"
            ),
            Sample("M-SEARCH * HTTP/1.1\r\nHOST: a:1900\r\n\r\n", "M-SEARCH * host=a:1900 none", "end"),
            Sample("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * host=a none", "end"),
            Sample("GET http://b:1/c HTTP/1.1\r\nHost: a\r\n\r\n", "GET http://b:1/c host=a none", "end"),
            Sample("GET /ä?ÿ\u{80} HTTP/1.1\r\nHost: ä\r\n\r\n", "GET /ä?ÿ\u{80} host=ä none", "end"),
            Sample("GET / HTTP/1.0\r\n\r\n", "GET / host=- none close", "end"),
            Sample("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "GET / host=- none", "end"),
            Sample("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, CLOSE\r\n\r\n", "GET / host=a none close", "end"),
            Sample("GET / HTTP/1.7\r\nHost: a\r\n\r\n", "GET / host=a none", "end"),
            Sample(
                "GET / HTTP/1.1\r\nHost: a\r\nconnection: keep-alive,\tUPGRADE\r\nUpgrade: websocket\r\n\r\n",
                "GET / host=a none upgrade",
                "end"
            ),
            Sample(
                "GET / HTTP/1.1\r\nHost: a\r\nConnection: a\r\nConnection: upgrade\r\nUpgrade: b\r\n\r\n",
                "GET / host=a none upgrade",
                "end"
            ),
            Sample("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n", "GET / host=a none", "end"),
            Sample("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\n\r\n", "GET / host=a none", "end"),
            Sample("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", "CONNECT a:443 host=a:443 none upgrade", "end"),
            Sample(
                "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\nx",
                "PUT / host=a length(1) continue",
                "body x",
                "end"
            ),
            Sample(
                "PUT / HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
                "PUT / host=a length(1) close",
                "body x",
                "end"
            ),
            Sample("GET / HTTP/1.1\r\nX:\r\nHost:\r\n\r\n", "GET / host= none", "end"),
            Sample("GET / HTTP/1.1\r\n!#$%&'*+-.^_`|~9aZ: x\r\nHost: a\r\n\r\n", "GET / host=a none", "end"),
            Sample("GET / HTTP/1.1\r\nHost: a\r\nX: \u{80}\tÿ\r\n\r\n", "GET / host=a none", "end"),
        ]
    )
    func messages(_ sample: Sample) {
        let transcript = HTTPTranscript([.visitor(sample.bytes)])
        #expect(transcript.visitorLines == sample.lines)
        // Bytes after the last request may be held: they wait for its answer, or are an incomplete head.
        #expect(transcript.visitorBytes == latin1(sample.bytes).dropLast(transcript.bytesHeld))
        #expect(transcript.bytesHeld == 0)
    }

    @Test(
        "the value of Host, however it is spelled",
        arguments: [
            ("Host: x.y:1\r\n", "x.y:1"), ("Host:x\r\n", "x"), ("Host:\tx\r\n", "x"), ("Host:  x\r\n", "x"),
            ("HOST: x\r\n", "x"), ("hOsT: x \t \r\n", "x"), ("Host:\r\n", ""), ("Host: \t\r\n", ""),
            ("Host: a b\r\n", "a b"), ("X-Host: no\r\nHost: x\r\n", "x"), ("X: Host: no\r\nHost: x.\r\n", "x."),
        ]
    )
    func hostValue(line: String, value: String) throws {
        let head = try #require(HTTPTranscript([.visitor("GET / HTTP/1.1\r\n\(line)A: b\r\n\r\n")]).heads.first)
        #expect(head.host.map { text($0) } == value)
        #expect(head.hostCount == 1)
        #expect(head.hostFault == nil)
    }

    @Test("a missing or repeated Host is reported, and the request is still delivered")
    func hostFaults() throws {
        let missing = HTTPTranscript([.visitor("GET / HTTP/1.1\r\nA: b\r\n\r\n")]).heads.first
        #expect(missing?.hostFault == .missingHost)
        #expect(missing?.hostRange == nil)

        let old = HTTPTranscript([.visitor("GET / HTTP/1.0\r\nA: b\r\n\r\n")]).heads.first
        #expect(old?.hostCount == 0)
        #expect(old?.hostFault == nil)

        for version in ["1.0", "1.1"] {
            let several = HTTPTranscript([.visitor("GET / HTTP/\(version)\r\nHost: a\r\nhost: b\r\n\r\n")]).heads.first
            #expect(several?.hostFault == .multipleHosts)
            #expect(several?.hostCount == 2)
            #expect(several?.host.map { text($0) } == "a")
        }
    }

    @Test(
        "a request-target in absolute form takes precedence over Host",
        arguments: [
            ("/", "h"), ("*", "h"), ("//b/", "h"), ("http://b", "b"), ("HTTP://b:8/x", "b:8"), ("https://b?q", "b"),
            ("http://u:p@b/@", "b"), ("http:///x", ""), ("http:/b", "h"), ("h", "h"), ("/http://b", "h"),
        ]
    )
    func routingHost(target: String, host: String) throws {
        let head = try #require(HTTPTranscript([.visitor("GET \(target) HTTP/1.1\r\nHost: h\r\n\r\n")]).heads.first)
        #expect(head.routingHost.map { text($0) } == host)
    }

    @Test(
        "a host in the request line must be the same as in Host",
        arguments: [
            ("GET http://b/ HTTP/1.1", "h", true), ("GET http://h/ HTTP/1.1", "h", false),
            ("GET http://H.:80/ HTTP/1.1", "h", false), ("GET http://h/ HTTP/1.1", "H:8080", false),
            ("GET http:///x HTTP/1.1", "h", true), ("GET http://h@b/ HTTP/1.1", "h", true),
            ("GET /http://b HTTP/1.1", "h", false),
            ("CONNECT b:443 HTTP/1.1", "h", true), ("CONNECT h:443 HTTP/1.1", "h:443", false),
            ("OPTIONS * HTTP/1.1", "h", false),
        ]
    )
    func conflictingHosts(line: String, host: String, isFault: Bool) throws {
        let head = try #require(HTTPTranscript([.visitor("\(line)\r\nHost: \(host)\r\n\r\n")]).heads.first)
        #expect(head.hostFault == (isFault ? .conflictingHosts : nil))
    }

    @Test("known methods are recognised in upper case only")
    func methods() {
        let names: [(String, HTTPMethod)] = [
            ("GET", .get), ("HEAD", .head), ("POST", .post), ("PUT", .put), ("DELETE", .delete),
            ("OPTIONS", .options), ("PATCH", .patch), ("TRACE", .trace), ("get", .other), ("GETS", .other),
            ("G", .other), ("PROPFIND", .other), ("CONNECTED", .other),
        ]
        for (name, method) in names {
            let transcript = HTTPTranscript([.visitor("\(name) / HTTP/1.1\r\nHost: a\r\n\r\n")])
            #expect(transcript.heads.first?.method == method, "\(name)")
        }
        #expect(HTTPTranscript([.visitor("CONNECT a:1 HTTP/1.1\r\n\r\n")]).heads.first?.method == .connect)
    }

    @Test("a request is incomplete from its first to its last byte")
    func incompleteness() {
        let transcript = HTTPTranscript()
        #expect(!transcript.requestIncomplete)
        transcript.visitor("\r\n")
        #expect(!transcript.requestIncomplete, "empty lines do not begin a request")
        transcript.visitor("P")
        #expect(transcript.requestIncomplete)
        #expect(transcript.bytesHeld == 3)
        transcript.visitor("OST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n")
        #expect(transcript.requestIncomplete)
        #expect(transcript.answersDue == 1)
        transcript.visitor("a")
        #expect(transcript.requestIncomplete)
        #expect(transcript.bytesHeld == 0)
        transcript.visitor("b")
        #expect(!transcript.requestIncomplete)
        #expect(transcript.answersDue == 1)
    }

    @Test("heads and bodies are slices of the appended buffers, not copies")
    func nothingIsCopied() throws {
        func address(_ buffer: ByteBuffer) -> UnsafeRawPointer? { buffer.withUnsafeReadableBytes { $0.baseAddress } }
        var reader = HTTPConversationReader()
        let first = ByteBuffer(string: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\nab")
        let second = ByteBuffer(string: "cdefg")
        reader.visitorSent(first)
        guard case .head(let head) = reader.nextFromVisitor(), case .body(let begin) = reader.nextFromVisitor() else {
            Issue.record("no head, no body")
            return
        }
        #expect(address(head.raw) == address(first))
        #expect(address(begin) == address(first).map { $0 + head.raw.readableBytes })
        reader.visitorSent(second)
        guard case .body(let rest) = reader.nextFromVisitor() else {
            Issue.record("no body")
            return
        }
        #expect(address(rest) == address(second))
    }
}
