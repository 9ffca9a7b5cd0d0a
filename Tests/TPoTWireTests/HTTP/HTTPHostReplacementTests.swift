import NIOCore
import Testing

@testable import TPoTWire

@Suite("Replacing Host")
struct HTTPHostReplacementTests {
    /// `«x»` marks the part that is replaced.
    @Test(
        "everything else stays byte for byte",
        arguments: [
            "GET / HTTP/1.1\r\nHost: «a.example.com»\r\n\r\n",
            "GET / HTTP/1.1\r\nHost:«x»\r\nA: b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost:\t«x»\r\n\r\n",
            "GET / HTTP/1.1\r\nHost:  «x» \t\r\n\r\n",
            "GET / HTTP/1.1\r\nA: a\r\na: A\r\nHOST: «x:80»\r\nA:  b \r\nX:\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: «»\r\n\r\n",
            "GET / HTTP/1.1\r\nhost:«»\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: \t«»\r\n\r\n",
            "\r\n\r\nGET /?Host:%20a HTTP/1.1\r\nX: Host: y\r\nHost: «localhost:8080»\r\n\r\n",
            "M-SEARCH /\u{FC}\u{FF} HTTP/1.0\r\nX-\u{60}: \u{E9}\u{80}\r\nHost: «\u{FC}»\r\nCookie: \u{FE}\r\n\r\n",
            "POST http://b/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: «b»\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: «first»\r\nHost: second\r\n\r\n",
        ]
    )
    func everythingElse(marked: String) throws {
        let before = marked.prefix { $0 != "«" }
        let after = marked.drop { $0 != "»" }.dropFirst()
        let raw = String(marked.filter { $0 != "«" && $0 != "»" })
        let transcript = HTTPTranscript([.visitor(raw)])
        let head = try #require(transcript.heads.first)
        for value in ["localhost:8080", "", "\u{FC}"] {
            let replaced = head.replacingHost(with: ByteBuffer(bytes: latin1(value)))
            #expect(text(replaced.readableBytesView) == before + value + after)
        }
        let same = try #require(head.host)
        #expect(head.replacingHost(with: ByteBuffer(bytes: same)) == ByteBuffer(bytes: latin1(raw)))
    }

    @Test("extra fields go right after the Host line")
    func extraFields() throws {
        let extra = ByteBuffer(string: "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: http\r\n")
        let transcript = HTTPTranscript([.visitor("\r\nGET / HTTP/1.1\r\nA: b\r\nHost: c \r\nD: e\r\n\r\n")])
        let head = try #require(transcript.heads.first)
        let replaced = head.replacingHost(with: ByteBuffer(string: "t:1"), inserting: extra)
        #expect(
            String(buffer: replaced)
                == "\r\nGET / HTTP/1.1\r\nA: b\r\nHost: t:1 \r\n" + String(buffer: extra) + "D: e\r\n\r\n"
        )
    }

    @Test("a missing Host is not added; extra fields then follow the request line")
    func withoutHost() throws {
        let head = try #require(HTTPTranscript([.visitor("\r\nGET / HTTP/1.0\r\nA: b\r\n\r\n")]).heads.first)
        #expect(head.replacingHost(with: ByteBuffer(string: "t")) == head.raw)
        #expect(
            String(buffer: head.replacingHost(with: ByteBuffer(string: "t"), inserting: ByteBuffer(string: "X: y\r\n")))
                == "\r\nGET / HTTP/1.0\r\nX: y\r\nA: b\r\n\r\n"
        )
    }

    @Test("a head in the middle of a buffer is handled, too")
    func insideABuffer() throws {
        let transcript = HTTPTranscript([
            .visitor("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPUT /2 HTTP/1.1\r\nHost: b\r\nContent-Length: 1\r\n\r\nx")
        ])
        let head = try #require(transcript.heads.last)
        #expect(
            String(buffer: head.replacingHost(with: ByteBuffer(string: "target")))
                == "PUT /2 HTTP/1.1\r\nHost: target\r\nContent-Length: 1\r\n\r\n"
        )
    }
}
