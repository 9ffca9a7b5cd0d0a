import NIOCore
import TPoTCapture
import TPoTInspect
import TPoTWire
import TestSupport
import Testing

@Suite struct CurlCommandTests {
    private static func command(
        _ head: String,
        body: [UInt8] = [],
        masks: Bool = true,
        file: String? = nil,
        target: CurlTarget? = nil
    ) throws -> String {
        let store = testStore()
        var transcript = Transcript()
        transcript.open()
        transcript.request(head, ends: false)
        if !body.isEmpty { transcript.add(.requestBody(.bytes(ByteBuffer(bytes: body)))) }
        transcript.add(.requestEnd)
        store.consume(&transcript)
        let detail = try #require(store.detail(1))
        let target = try target ?? CurlTarget(TargetAddress("localhost:8080"))
        let command = try CurlCommand(detail, target: target, mask: masks ? SecretMask() : .off)
        #expect((command.bodyFile == nil) == (file == nil))
        if file != nil { #expect(command.bodyFile == body) }
        return text(command.text(bodyFile: file)).replacing(" \\\n  ", with: " ")
    }

    @Test func aSimpleRequestIsAShortCommand() throws {
        #expect(
            try Self.command("GET /a?b=1 HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: x y\r\nAccept: */*")
                == "curl --http1.1 'http://localhost:8080/a?b=1' -A 'x y'"
        )
    }

    /// A form as curl itself sends it: curl adds everything but the user agent.
    @Test func fieldsThatCurlAddsAreLeftOut() throws {
        let head =
            "POST /a HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: curl/8\r\nAccept: */*\r\nX: 1\r\n"
            + "Content-Length: 3\r\nContent-Type: application/x-www-form-urlencoded"
        #expect(
            try Self.command(head, body: Array("a=1".utf8))
                == "curl --http1.1 http://localhost:8080/a -A curl/8 -H Expect: -H 'X: 1' --data-raw a=1"
        )
        // A field that curl would send differently is given.
        for (part, other) in [
            ("Content-Length: 3", "content-length: 3"), ("Content-Length: 3", "Content-Length: 03"),
            ("Accept: */*", "accept: */*"), ("User-Agent: curl", "user-agent: curl"), ("X: 1", "Accept: x"),
            ("X: 1", "Content-Length: 3"),
        ] {
            let command = try Self.command(head.replacing(part, with: other), body: Array("a=1".utf8))
            #expect(command.contains(" -H '\(other)"), "\(command)")
        }
    }

    /// A length in the command would be wrong as soon as its body is edited.
    @Test func curlCountsTheBodyItself() throws {
        let head =
            "POST /a HTTP/1.1\r\nHost: localhost:8080\r\nContent-Length: 2\r\nContent-Type: application/json\r\nX: 1"
        let command = try Self.command(head, body: Array("{}".utf8))
        #expect(!command.contains("Content-Length"), "\(command)")
        let wrong = try Self.command(head.replacing("Length: 2", with: "Length: 3"), body: Array("{}".utf8))
        #expect(wrong.contains("Content-Length: 3"), "what curl would send differently is given")
    }

    @Test(arguments: [
        ("gzip, deflate, br", true), ("GZIP", true), ("*", true), ("identity", false), ("", false),
        ("identity;q=1", false), (" ,", false),
    ])
    func compressedIsGivenIfTheRequestAcceptsCompression(codings: String, isDecoded: Bool) throws {
        let command = try Self.command("GET / HTTP/1.1\r\nHost: localhost:8080\r\nAccept-Encoding: \(codings)")
        #expect(command.hasSuffix(" --compressed") == isDecoded)
    }

    @Test(arguments: [
        ("unix:/run/a b.sock", CurlTarget.Trust.system, "http://localhost/ --unix-socket '/run/a b.sock' "),
        ("unix:a.sock", .anything, "http://localhost/ --unix-socket /work/a.sock "),
        ("https://localhost:1", .anything, "https://localhost:1/ -k "),
        ("https://localhost", .authorities("/a b.pem"), "https://localhost/ --cacert '/a b.pem' "),
        ("https://localhost", .system, "https://localhost/ -A x"),
        ("localhost:80", .anything, "http://localhost:80/ -A x"),
        ("localhost:80", .authorities("/a.pem"), "http://localhost:80/ -A x"),
    ])
    func theCommandReachesTheTargetAsTheTunnelDoes(target: String, trust: CurlTarget.Trust, words: String) throws {
        let address = try TargetAddress(target)
        let command = try Self.command(
            "GET / HTTP/1.1\r\nHost: \(address.hostHeader)\r\nUser-Agent: x\r\nAccept: */*",
            target: CurlTarget(address, trust: trust, workingDirectory: "/work")
        )
        #expect(command == "curl --http1.1 " + (words.hasSuffix(" ") ? words + "-A x" : words))
    }

    @Test func fieldsThatTheRequestDoesNotHaveAreSuppressed() throws {
        #expect(
            try Self.command("POST / HTTP/1.1\r\nHost: other\r\nContent-Length: 3", body: Array("a=1".utf8))
                == "curl --http1.1 http://localhost:8080/ -H User-Agent: -H Accept: -H Content-Type: -H Expect: "
                + "-H 'Host: other' --data-raw a=1"
        )
    }

    /// curl would frame this body with the same chunk. Other chunks stay as they were.
    @Test func aBodyWithOneChunkIsLeftToCurl() throws {
        let head = "POST / HTTP/1.1\r\nHost: localhost:8080\r\nContent-Type: x\r\nTransfer-Encoding: chunked"
        #expect(
            try Self.command(head, body: Array("3\r\na=1\r\n0\r\n\r\n".utf8))
                .hasSuffix("-H Expect: -H 'Content-Type: x' -H 'Transfer-Encoding: chunked' --data-raw a=1")
        )
        let other = try Self.command(head, body: Array("03\r\na=1\r\n0\r\n\r\n".utf8))
        #expect(other.contains(" -H Transfer-Encoding: ") && other.contains("03"))
        // Some versions of curl would split a body of this length into several chunks.
        let long = "2001\r\n" + String(repeating: "x", count: 8193) + "\r\n0\r\n\r\n"
        #expect(try Self.command(head, body: Array(long.utf8)).contains(" -H Transfer-Encoding: "))
    }

    @Test func secretsAreMaskedByDefault() throws {
        let head = "GET / HTTP/1.1\r\nHost: localhost:8080\r\nAccept: x\r\nUser-Agent: x\r\nCOOKIE: a=secret"
        #expect(try Self.command(head).hasSuffix(" -H 'COOKIE: [masked]'"))
        #expect(try Self.command(head, masks: false).hasSuffix(" -H 'COOKIE: a=secret'"))
    }

    @Test(arguments: [
        ("/a/../b", "--path-as-is http://localhost:8080/a/../b"),
        ("*", "--request-target '*' http://localhost:8080"),
        ("/a[1]", "--request-target '/a[1]' http://localhost:8080"),
        ("/a?", "--request-target '/a?' http://localhost:8080"),
        ("/it's", "'http://localhost:8080/it'\\''s'"),
        ("/\u{e4}", "--request-target /ä http://localhost:8080"),
    ])
    func unusualTargetsAreSentUnchanged(_ target: String, _ words: String) throws {
        let command = try Self.command(
            "OPTIONS \(target) HTTP/1.0\r\nHost: localhost:8080\r\nAccept: x\r\nUser-Agent: x"
        )
        #expect(
            command.replacing("'/ä'", with: "/ä")
                == "curl --http1.0 -X OPTIONS \(words) -H 'Accept: x' -H 'User-Agent: x'"
        )
    }

    @Test func aBodyThatIsNotTextGoesToAFile() throws {
        let head =
            "PUT / HTTP/1.1\r\nHost: localhost:8080\r\nAccept: x\r\nUser-Agent: x\r\nContent-Type: x\r\nContent-Length: 3"
        #expect(
            try Self.command(head, body: [0, 255, 10], file: "/tmp/it's.bin").hasSuffix(
                "-H Expect: -H 'Accept: x' -H 'User-Agent: x' -H 'Content-Type: x' --data-binary '@/tmp/it'\\''s.bin'"
            )
        )
    }

    @Test func anyBytesAreQuoted() throws {
        let body = Array("line 1\n'quoted' \\ \"$HOME\" `id` !!\t\u{202e}x".utf8)
        let head = "POST / HTTP/1.1\r\nHost: localhost:8080\r\nContent-Length: \(body.count)"
        #expect(
            try Self.command(head, body: body).hasSuffix(
                #"--data-raw 'line 1\#n'\''quoted'\'' \ "$HOME" `id` !!'"$(printf '\011\342\200\256')"'x'"#
            )
        )
    }

    @Test func anIncompleteRequestIsRefused() throws {
        let store = testStore(bodyBytes: 2)
        var transcript = Transcript()
        transcript.exchange(body: "123456")
        store.consume(&transcript)
        let detail = try #require(store.detail(1))
        #expect(throws: ReplayRefusal.self) {
            try CurlCommand(detail, target: CurlTarget(TargetAddress("localhost:80")))
        }
    }

    @Test func headAndBodyAreCopiedAsText() throws {
        let store = testStore()
        var transcript = Transcript()
        transcript.exchange("/a", body: "one", answer: "two")
        store.consume(&transcript)
        let detail = try #require(store.detail(1))
        #expect(RawText.text(.requestHead, of: detail) == "POST /a HTTP/1.1\nHost: a\n")
        #expect(RawText.text(.responseBody, of: detail) == "two")
        #expect(RawText.text(.responseHead, of: detail) == "HTTP/1.1 200 Text\n")
    }
}

@Suite struct RawTextTests {
    private static func exchange(_ head: String) throws -> CapturedExchange {
        let store = testStore()
        var transcript = Transcript()
        transcript.open()
        transcript.request(head)
        store.consume(&transcript)
        return try #require(store.detail(1))
    }

    @Test(arguments: [
        ("/hook?a=1&b=%20", "https://a.example/hook?a=1&b=%20"), ("/a\u{1b}\"'`b", "https://a.example/a%1B%22%27%60b"),
        ("/ä", "https://a.example/%C3%A4"), ("http://b.example/x", "http://b.example/x"), ("*", "https://a.example"),
        ("/a#b", "https://a.example/a"),
    ])
    func theURLOfARequestIsPercentEncoded(target: String, url: String) throws {
        let exchange = try Self.exchange("GET \(target) HTTP/1.1\r\nHost: x").exchange
        #expect(RawText.url(of: exchange, at: "https://a.example") == url)
    }

    @Test func headsAreMaskedByDefault() throws {
        let exchange = try Self.exchange("GET / HTTP/1.1\r\nAUTHORIZATION:Bearer s3\r\nX: 1\r\nCookie: a=s3")
        #expect(
            RawText.text(.requestHead, of: exchange)
                == "GET / HTTP/1.1\nAUTHORIZATION: [masked]\nX: 1\nCookie: [masked]\n"
        )
        #expect(RawText.text(.requestHead, of: exchange, mask: .off)?.contains("Bearer s3") == true)
        let fields = SecretMask().hidden(head: exchange.requestHead ?? [])
        #expect(!fields.isURL && fields.fields == ["AUTHORIZATION", "Cookie"])
        let url = SecretMask().hidden(head: Array("GET /?key=1 HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        #expect(url.isURL && url.fields == [])
    }
}
