import NIOCore
import TPoTTraffic
import Testing

@testable import TPoTCommand
@testable import TPoTWire

@Suite struct PrinterRequestTests {
    /// 64 bytes.
    private let post = "POST /webhooks HTTP/1.1\r\nHost: a.b\r\nContent-Length: 10\r\n\r\n1234"
        .padding(to: 64)
    private let ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"

    @Test func oneLineForEachRequestWhenItIsOver() {
        let bench = PrinterUnderTest(.text)
        bench.happens(.visitor)
        bench.happens(.targetConnected, after: 1)
        bench.happens(.request(post))
        bench.happens(.requestBody(.count(1146)), after: 5)
        bench.happens(.requestEnd)
        bench.happens(.response(ok), after: 20)
        bench.happens(.responseBody(.bytes(ByteBuffer(repeating: 0x78, count: 273))), after: 10)
        #expect(bench.lines().isEmpty)
        bench.happens(.responseEnd)
        #expect(
            bench.lines() == ["[2026-11-23 12:01:33] 200 POST /webhooks 35ms 203.0.113.9:52110 in=1210 out=311"]
        )
        bench.happens(.closed(.visitorClosed), after: 1000)
        #expect(bench.lines().isEmpty)
    }

    @Test func theSameAsJSON() {
        let bench = PrinterUnderTest(.json)
        bench.happens(.visitor)
        bench.happens(.targetConnected, after: 1)
        bench.happens(.request(post))
        bench.happens(.requestEnd)
        bench.happens(.response(ok), after: 20)
        bench.happens(.responseEnd)
        bench.happens(.closed(.visitorClosed), after: 1000)
        #expect(
            bench.lines() == [
                #"{"type":"conversation","time":"2026-11-23T12:01:33.000Z","event":"opened","conversation":1,"#
                    + #""remote":"203.0.113.9:52110"}"#,
                #"{"type":"request","time":"2026-11-23T12:01:33.021Z","conversation":1,"#
                    + #""remote":"203.0.113.9:52110","method":"POST","path":"/webhooks","status":200,"ms":20,"#
                    + #""in":64,"out":38}"#,
                #"{"type":"conversation","time":"2026-11-23T12:01:34.021Z","event":"closed","conversation":1,"#
                    + #""remote":"203.0.113.9:52110","requests":1,"ms":1021,"in":64,"out":38,"why":"visitor-closed"}"#,
            ]
        )
    }

    @Test func pipelinedRequestsInOrder() {
        let bench = PrinterUnderTest(.text)
        bench.happens(.visitor)
        for path in ["/1", "/2"] {
            bench.happens(.request("GET \(path) HTTP/1.1\r\n\r\n"), after: 10)
            bench.happens(.requestEnd)
        }
        for status in ["100 Continue", "200 OK", "404 Not Found"] {
            bench.happens(.response("HTTP/1.1 \(status)\r\n\r\n"), after: 10)
            if status != "100 Continue" { bench.happens(.responseEnd) }
        }
        #expect(
            bench.lines() == [
                "[2026-11-23 12:01:33] 200 GET /1 30ms 203.0.113.9:52110 in=19 out=44",
                "[2026-11-23 12:01:33] 404 GET /2 30ms 203.0.113.9:52110 in=19 out=26",
            ]
        )
    }

    @Test func anUpgradeHasItsLineWhenItCloses() {
        let bench = PrinterUnderTest(.text)
        bench.happens(.visitor)
        bench.happens(.request("GET /socket HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"))
        bench.happens(.requestEnd)
        bench.happens(.response("HTTP/1.1 101 Switching Protocols\r\n\r\n"))
        bench.happens(.visitorOpaque(.count(1000)), after: 3000)
        bench.happens(.targetOpaque(.count(2000)))
        #expect(bench.lines().isEmpty)
        bench.happens(.closed(.visitorClosed), after: 57_000)
        #expect(
            bench.lines() == ["[2026-11-23 12:02:33] 101 GET /socket 60000ms 203.0.113.9:52110 in=1044 out=2036"]
        )
    }

    @Test(arguments: [
        (ConversationEnd.visitorClosed, "visitor-left after=1.5s"),
        (.targetClosed(complete: false), "target-gone"),
        (.targetReset("Connection reset by peer"), "target-gone"),
        (.tunnelLost, "tunnel-lost"),
        (.limit("too much"), "limit"),
        (.closedByUser, "closed"),
    ])
    func whatIsNotAnsweredSaysWhy(end: ConversationEnd, why: String) {
        let bench = PrinterUnderTest(.text)
        bench.happens(.visitor)
        bench.happens(.request("GET /slow HTTP/1.1\r\n\r\n"))
        bench.happens(.requestEnd)
        bench.happens(.closed(end), after: 1500)
        #expect(
            bench.lines() == ["[2026-11-23 12:01:34] --- GET /slow 1500ms 203.0.113.9:52110 in=22 out=0 why=\(why)"]
        )
    }

    @Test func anAnswerThatIsCutShortKeepsItsStatus() {
        let bench = PrinterUnderTest(.text)
        bench.happens(.visitor)
        bench.happens(.request("GET /file HTTP/1.1\r\n\r\n"))
        bench.happens(.requestEnd)
        bench.happens(.response(ok))
        bench.happens(.closed(.targetReset("Connection reset by peer")), after: 2)
        #expect(
            bench.lines() == ["[2026-11-23 12:01:33] 200 GET /file 2ms 203.0.113.9:52110 in=22 out=38 why=target-gone"]
        )
    }

    @Test func anAnswerWhoseHeadIsTooLongSaysSo() {
        let bench = PrinterUnderTest(.text)
        bench.happens(.visitor)
        for path in ["/big", "/next"] {
            bench.happens(.request("GET \(path) HTTP/1.1\r\n\r\n"))
            bench.happens(.requestEnd)
            if path == "/big" { bench.happens(.responseUnreadable(.headTooLarge, status: 201)) }
            bench.happens(.targetOpaque(.count(70_000)), after: 2)
        }
        bench.happens(.closed(.visitorClosed))
        #expect(
            bench.lines() == [
                "[2026-11-23 12:01:33] 201 GET /big 2ms 203.0.113.9:52110 in=21 out=70000 why=head-too-long",
                "[2026-11-23 12:01:33] --- GET /next 2ms 203.0.113.9:52110 in=22 out=70000 why=unread",
            ]
        )
    }

    @Test func aTargetThatRefusesIsToldWithTheReason() {
        let bench = PrinterUnderTest(.text)
        bench.happens(.visitor)
        bench.happens(.request("GET / HTTP/1.1\r\n\r\n"))
        bench.happens(.requestEnd)
        bench.happens(.targetFailed("localhost:8080: Connection refused"))
        bench.happens(.closed(.targetNotConnected))
        #expect(
            bench.lines() == ["[2026-11-23 12:01:33] --- GET / 0ms 203.0.113.9:52110 in=18 out=0 why=target-refused"]
        )
        #expect(bench.diagnostics() == ["target localhost:8080: Connection refused"])
    }

    /// It was there: "refused" would send its owner to look for a process that does not run.
    @Test(arguments: [LogFormat.text, .json]) func aTargetWithoutTLSIsNotARefusal(format: LogFormat) {
        let bench = PrinterUnderTest(format)
        bench.happens(.visitor)
        bench.happens(.request("GET / HTTP/1.1\r\n\r\n"))
        bench.happens(.requestEnd)
        bench.happens(.targetFailed("https://localhost:8443: its certificate has expired"))
        bench.happens(.closed(.targetNotSecured))
        let lines = bench.lines().joined()
        #expect(lines.contains(format == .text ? " why=target-tls" : #""why":"target-tls""#))
        #expect(!lines.contains("target-refused"))
    }

    @Test func theVisitorBehindAProxyIsInTheJSON() {
        let bench = PrinterUnderTest(.json)
        bench.happens(.visitor)
        bench.happens(.request("GET / HTTP/1.1\r\nX-Forwarded-For: 198.51.100.7, 10.0.0.1\r\n\r\n"))
        bench.happens(.requestEnd)
        bench.happens(.response(ok))
        bench.happens(.responseEnd)
        let line = bench.lines().last ?? ""
        #expect(line.contains(#""remote":"203.0.113.9:52110","forwardedFor":"198.51.100.7","#))
        // For whoever reads its old name.
        #expect(line.contains(#","via":"198.51.100.7","#))
    }

    @Test(arguments: [
        ("X-Forwarded-For: 198.51.100.7, 10.0.0.1", "198.51.100.7"), ("X-Real-IP: 2001:db8::7", "2001:db8::7"),
        ("Forwarded: for=\"[2001:db8::7]:4711\"", "[2001:db8::7]:4711"),
        ("X-Forwarded-For: a b\u{1b}", #"a\x20b\x1b"#), ("X-Forwarded-For: ,", "203.0.113.9:52110"),
    ])
    func theVisitorBehindAProxyIsInTheLine(field: String, address: String) {
        let bench = PrinterUnderTest(.text)
        bench.happens(.visitor)
        bench.happens(.request("GET / HTTP/1.1\r\n\(field)\r\n\r\n"))
        bench.happens(.requestEnd)
        bench.happens(.response(ok))
        bench.happens(.responseEnd)
        #expect(bench.lines().first?.contains(" 200 GET / 0ms \(address) in=") == true)
    }

    @Test func aReplayIsMarked() {
        let bench = PrinterUnderTest(.text)
        bench.happens(.opened(.replay(of: 12)))
        bench.happens(.request("GET / HTTP/1.1\r\n\r\n"))
        bench.happens(.requestEnd)
        bench.happens(.response(ok))
        bench.happens(.responseEnd)
        #expect(bench.lines() == ["[2026-11-23 12:01:33] 200 GET / 0ms replay-of-12 in=18 out=38"])
    }

    @Test func hostileBytesCannotReachTheTerminal() {
        let head: [UInt8] = Array("GE\u{1b}T /\u{1b}]0;x\u{7}".utf8) + [0xff, 0x9b] + Array("\u{202e}\r\r\n\r\n".utf8)
        for format in LogFormat.allCases {
            let bench = PrinterUnderTest(format)
            bench.happens(.visitor)
            bench.happens(.request(head))
            bench.happens(.requestEnd)
            bench.happens(.response("HTTP/1.1 2\u{1b}0\r\n\r\n"))
            bench.happens(.responseEnd)
            let lines = bench.lines()
            #expect(lines.count == (format == .json ? 2 : 1))
            #expect(lines.allSatisfy { $0.unicodeScalars.allSatisfy(VisibleText.isHarmless) })
            let method = format == .json ? #""GE\u001bT""# : #" GE\x1bT "#
            #expect(lines.last?.contains(method) == true)
        }
    }

    @Test func aSteadyStreamOfLossLeavesNothingBehind() {
        let bench = PrinterUnderTest(.text)
        bench.happens(.visitor)
        bench.happens(.request("GET /lost HTTP/1.1\r\n\r\n"))
        #expect(bench.lines(lost: 3).isEmpty)
        bench.happens(.request("GET /next HTTP/1.1\r\n\r\n"))
        bench.happens(.requestEnd)
        bench.happens(.response(ok))
        bench.happens(.responseEnd)
        #expect(
            bench.lines() == [
                "[2026-11-23 12:01:33] --- GET /lost 0ms 203.0.113.9:52110 in=22 out=0 why=unknown",
                "[2026-11-23 12:01:33] 200 GET /next 0ms 203.0.113.9:52110 in=22 out=38",
            ]
        )
    }
}

extension String {
    fileprivate func padding(to count: Int) -> String {
        self + String(repeating: "x", count: max(0, count - utf8.count))
    }
}
