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

    @Test func eachRequestIsPrintedWhenItEnds() {
        let printer = PrinterUnderTest(.text)
        printer.publish(.visitor)
        printer.publish(.targetConnected, after: 1)
        printer.publish(.request(post))
        printer.publish(.requestBody(.count(1146)), after: 5)
        printer.publish(.requestEnd)
        printer.publish(.response(ok), after: 20)
        printer.publish(.responseBody(.bytes(ByteBuffer(repeating: 0x78, count: 273))), after: 10)
        #expect(printer.lines().isEmpty)
        printer.publish(.responseEnd)
        #expect(
            printer.lines() == ["[2026-11-23 12:01:33] 200 POST /webhooks 35ms 203.0.113.9:52110 in=1210 out=311"]
        )
        printer.publish(.closed(.visitorClosed), after: 1000)
        #expect(printer.lines().isEmpty)
    }

    @Test func eachRequestIsPrintedAsJSON() {
        let printer = PrinterUnderTest(.json)
        printer.publish(.visitor)
        printer.publish(.targetConnected, after: 1)
        printer.publish(.request(post))
        printer.publish(.requestEnd)
        printer.publish(.response(ok), after: 20)
        printer.publish(.responseEnd)
        printer.publish(.closed(.visitorClosed), after: 1000)
        #expect(
            printer.lines() == [
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

    @Test func pipelinedRequestsArePrintedInOrder() {
        let printer = PrinterUnderTest(.text)
        printer.publish(.visitor)
        for path in ["/1", "/2"] {
            printer.publish(.request("GET \(path) HTTP/1.1\r\n\r\n"), after: 10)
            printer.publish(.requestEnd)
        }
        for status in ["100 Continue", "200 OK", "404 Not Found"] {
            printer.publish(.response("HTTP/1.1 \(status)\r\n\r\n"), after: 10)
            if status != "100 Continue" { printer.publish(.responseEnd) }
        }
        #expect(
            printer.lines() == [
                "[2026-11-23 12:01:33] 200 GET /1 30ms 203.0.113.9:52110 in=19 out=44",
                "[2026-11-23 12:01:33] 404 GET /2 30ms 203.0.113.9:52110 in=19 out=26",
            ]
        )
    }

    @Test func anUpgradeIsPrintedWhenItCloses() {
        let printer = PrinterUnderTest(.text)
        printer.publish(.visitor)
        printer.publish(.request("GET /socket HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"))
        printer.publish(.requestEnd)
        printer.publish(.response("HTTP/1.1 101 Switching Protocols\r\n\r\n"))
        printer.publish(.visitorOpaque(.count(1000)), after: 3000)
        printer.publish(.targetOpaque(.count(2000)))
        #expect(printer.lines().isEmpty)
        printer.publish(.closed(.visitorClosed), after: 57_000)
        #expect(
            printer.lines() == ["[2026-11-23 12:02:33] 101 GET /socket 60000ms 203.0.113.9:52110 in=1044 out=2036"]
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
    func anUnansweredRequestSaysWhy(end: ConversationEnd, why: String) {
        let printer = PrinterUnderTest(.text)
        printer.publish(.visitor)
        printer.publish(.request("GET /slow HTTP/1.1\r\n\r\n"))
        printer.publish(.requestEnd)
        printer.publish(.closed(end), after: 1500)
        #expect(
            printer.lines() == ["[2026-11-23 12:01:34] --- GET /slow 1500ms 203.0.113.9:52110 in=22 out=0 why=\(why)"]
        )
    }

    @Test func anAnswerThatIsCutShortKeepsItsStatus() {
        let printer = PrinterUnderTest(.text)
        printer.publish(.visitor)
        printer.publish(.request("GET /file HTTP/1.1\r\n\r\n"))
        printer.publish(.requestEnd)
        printer.publish(.response(ok))
        printer.publish(.closed(.targetReset("Connection reset by peer")), after: 2)
        #expect(
            printer.lines() == [
                "[2026-11-23 12:01:33] 200 GET /file 2ms 203.0.113.9:52110 in=22 out=38 why=target-gone"
            ]
        )
    }

    @Test func anAnswerWithATooLongHeadSaysSo() {
        let printer = PrinterUnderTest(.text)
        printer.publish(.visitor)
        for path in ["/big", "/next"] {
            printer.publish(.request("GET \(path) HTTP/1.1\r\n\r\n"))
            printer.publish(.requestEnd)
            if path == "/big" { printer.publish(.responseUnreadable(.headTooLarge, status: 201)) }
            printer.publish(.targetOpaque(.count(70_000)), after: 2)
        }
        printer.publish(.closed(.visitorClosed))
        #expect(
            printer.lines() == [
                "[2026-11-23 12:01:33] 201 GET /big 2ms 203.0.113.9:52110 in=21 out=70000 why=head-too-long",
                "[2026-11-23 12:01:33] --- GET /next 2ms 203.0.113.9:52110 in=22 out=70000 why=unread",
            ]
        )
    }

    @Test func aRefusingTargetIsReportedWithTheReason() {
        let printer = PrinterUnderTest(.text)
        printer.publish(.visitor)
        printer.publish(.request("GET / HTTP/1.1\r\n\r\n"))
        printer.publish(.requestEnd)
        printer.publish(.targetFailed("localhost:8080: Connection refused"))
        printer.publish(.closed(.targetNotConnected))
        #expect(
            printer.lines() == ["[2026-11-23 12:01:33] --- GET / 0ms 203.0.113.9:52110 in=18 out=0 why=target-refused"]
        )
        #expect(printer.diagnostics() == ["target localhost:8080: Connection refused"])
    }

    /// The target runs. "Refused" would make its owner look for a process that does not run.
    @Test(arguments: [LogFormat.text, .json]) func aFailedTLSHandshakeIsNotARefusal(format: LogFormat) {
        let printer = PrinterUnderTest(format)
        printer.publish(.visitor)
        printer.publish(.request("GET / HTTP/1.1\r\n\r\n"))
        printer.publish(.requestEnd)
        printer.publish(.targetFailed("https://localhost:8443: its certificate has expired"))
        printer.publish(.closed(.targetNotSecured))
        let lines = printer.lines().joined()
        #expect(lines.contains(format == .text ? " why=target-tls" : #""why":"target-tls""#))
        #expect(!lines.contains("target-refused"))
    }

    @Test func theVisitorBehindAProxyIsInTheJSON() {
        let printer = PrinterUnderTest(.json)
        printer.publish(.visitor)
        printer.publish(.request("GET / HTTP/1.1\r\nX-Forwarded-For: 198.51.100.7, 10.0.0.1\r\n\r\n"))
        printer.publish(.requestEnd)
        printer.publish(.response(ok))
        printer.publish(.responseEnd)
        let line = printer.lines().last ?? ""
        #expect(line.contains(#""remote":"203.0.113.9:52110","forwardedFor":"198.51.100.7","#))
        // Scripts may still read its old name.
        #expect(line.contains(#","via":"198.51.100.7","#))
    }

    @Test(arguments: [
        ("X-Forwarded-For: 198.51.100.7, 10.0.0.1", "198.51.100.7"), ("X-Real-IP: 2001:db8::7", "2001:db8::7"),
        ("Forwarded: for=\"[2001:db8::7]:4711\"", "[2001:db8::7]:4711"),
        ("X-Forwarded-For: a b\u{1b}", #"a\x20b\x1b"#), ("X-Forwarded-For: ,", "203.0.113.9:52110"),
    ])
    func theVisitorBehindAProxyIsInTheLine(field: String, address: String) {
        let printer = PrinterUnderTest(.text)
        printer.publish(.visitor)
        printer.publish(.request("GET / HTTP/1.1\r\n\(field)\r\n\r\n"))
        printer.publish(.requestEnd)
        printer.publish(.response(ok))
        printer.publish(.responseEnd)
        #expect(printer.lines().first?.contains(" 200 GET / 0ms \(address) in=") == true)
    }

    @Test func aReplayIsMarked() {
        let printer = PrinterUnderTest(.text)
        printer.publish(.opened(.replay(of: 12)))
        printer.publish(.request("GET / HTTP/1.1\r\n\r\n"))
        printer.publish(.requestEnd)
        printer.publish(.response(ok))
        printer.publish(.responseEnd)
        #expect(printer.lines() == ["[2026-11-23 12:01:33] 200 GET / 0ms replay-of-12 in=18 out=38"])
    }

    @Test func hostileBytesCannotReachTheTerminal() {
        let head: [UInt8] = Array("GE\u{1b}T /\u{1b}]0;x\u{7}".utf8) + [0xff, 0x9b] + Array("\u{202e}\r\r\n\r\n".utf8)
        for format in LogFormat.allCases {
            let printer = PrinterUnderTest(format)
            printer.publish(.visitor)
            printer.publish(.request(head))
            printer.publish(.requestEnd)
            printer.publish(.response("HTTP/1.1 2\u{1b}0\r\n\r\n"))
            printer.publish(.responseEnd)
            let lines = printer.lines()
            #expect(lines.count == (format == .json ? 2 : 1))
            #expect(lines.allSatisfy { $0.unicodeScalars.allSatisfy(VisibleText.isHarmless) })
            let method = format == .json ? #""GE\u001bT""# : #" GE\x1bT "#
            #expect(lines.last?.contains(method) == true)
        }
    }

    @Test func lostEventsEndTheOpenRequest() {
        let printer = PrinterUnderTest(.text)
        printer.publish(.visitor)
        printer.publish(.request("GET /lost HTTP/1.1\r\n\r\n"))
        #expect(printer.lines(lost: 3).isEmpty)
        printer.publish(.request("GET /next HTTP/1.1\r\n\r\n"))
        printer.publish(.requestEnd)
        printer.publish(.response(ok))
        printer.publish(.responseEnd)
        #expect(
            printer.lines() == [
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
