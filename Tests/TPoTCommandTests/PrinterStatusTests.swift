import NIOCore
import TPoTTraffic
import Testing

@testable import TPoTCommand

@Suite struct PrinterStatusTests {
    @Test func firstTheTwoLinesOfTheOriginal() {
        let bench = PrinterUnderTest(.text)
        bench.happens(.tunnel(.connecting(attempt: 1)))
        bench.happens(.tunnel(.online(url: "http://name.tpot.example.com")))
        #expect(bench.lines() == ["tpot connected", "http://name.tpot.example.com"])
        #expect(bench.diagnostics().isEmpty)
    }

    @Test func theSameURLIsNotPrintedAgain() {
        let bench = PrinterUnderTest(.text)
        bench.happens(.tunnel(.online(url: "http://a.b")))
        _ = bench.lines()
        let reason = "the server\u{1b} closed"
        bench.happens(.tunnel(.reconnecting(attempt: 2, delay: .milliseconds(1_250), reason: reason)))
        bench.happens(.tunnel(.online(url: "http://a.b")))
        #expect(bench.lines().isEmpty)
        #expect(
            bench.diagnostics() == [
                #"offline: the server\x1b closed; attempt 2 in 1.2 s"#,
                "connected again, still at http://a.b",
            ]
        )
    }

    @Test func aFirstAttemptThatFailsIsNoReconnection() {
        let failure = TunnelStatus.reconnecting(attempt: 2, delay: .milliseconds(500), reason: "refused")
        let text = PrinterUnderTest(.text)
        text.happens(.tunnel(failure))
        #expect(text.lines().isEmpty)
        #expect(text.diagnostics() == ["not connected yet: refused; attempt 2 in 0.5 s"])
        let json = PrinterUnderTest(.json)
        json.happens(.tunnel(failure))
        #expect(
            json.lines() == [
                #"{"type":"waiting","time":"2026-11-23T12:01:33.000Z","attempt":2,"delayMs":500,"reason":"refused"}"#
            ]
        )
    }

    @Test func anotherURLIsAnnouncedLoudly() {
        let bench = PrinterUnderTest(.text)
        bench.happens(.tunnel(.online(url: "http://a.b")))
        bench.happens(.tunnel(.online(url: "http://c.b")))
        #expect(bench.lines() == ["tpot connected", "http://a.b", "tpot connected", "http://c.b"])
        #expect(
            bench.diagnostics() == ["THE PUBLIC URL HAS CHANGED to http://c.b; http://a.b no longer leads here"]
        )
    }

    @Test func lostEventsAreReportedOnceABatch() {
        let text = PrinterUnderTest(.text)
        #expect(text.lines(lost: 5).isEmpty)
        #expect(text.diagnostics() == ["5 events were lost: more passed than could be printed; lines are missing"])
        let json = PrinterUnderTest(.json)
        #expect(json.lines(lost: 5) == [#"{"type":"lost","time":"2026-11-23T12:01:33.000Z","events":5}"#])
    }

    @Test func statusesAsJSON() {
        let bench = PrinterUnderTest(.json)
        bench.happens(.tunnel(.connecting(attempt: 1)))
        bench.happens(.tunnel(.online(url: "http://a.b")), after: 7)
        bench.happens(.tunnel(.roundTrip(.milliseconds(3))))
        let reason = "a \"reason\"\n"
        bench.happens(.tunnel(.reconnecting(attempt: 1, delay: .milliseconds(500), reason: reason)), after: 1000)
        bench.happens(.tunnel(.online(url: "http://a.b")), after: 500)
        bench.happens(.tunnel(.holding(true)))
        bench.happens(.tunnel(.stopped(reason: "asked to")))
        #expect(
            bench.lines() == [
                #"{"type":"connecting","time":"2026-11-23T12:01:33.000Z","attempt":1}"#,
                #"{"type":"online","time":"2026-11-23T12:01:33.007Z","url":"http://a.b","new":true}"#,
                #"{"type":"reconnecting","time":"2026-11-23T12:01:34.007Z","attempt":1,"delayMs":500,"#
                    + #""reason":"a \"reason\"\n"}"#,
                #"{"type":"online","time":"2026-11-23T12:01:34.507Z","url":"http://a.b","new":false}"#,
                #"{"type":"holding","time":"2026-11-23T12:01:34.507Z","on":true}"#,
                #"{"type":"stopped","time":"2026-11-23T12:01:34.507Z","reason":"asked to"}"#,
            ]
        )
        #expect(bench.diagnostics().isEmpty)
    }
}
