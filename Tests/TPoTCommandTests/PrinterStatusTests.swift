import NIOCore
import TPoTTraffic
import Testing

@testable import TPoTCommand

@Suite struct PrinterStatusTests {
    @Test func theFirstTwoLinesAreThoseOfTheOriginal() {
        let printer = PrinterUnderTest(.text)
        printer.publish(.tunnel(.connecting(attempt: 1)))
        printer.publish(.tunnel(.online(url: "http://name.tpot.example.com")))
        #expect(printer.lines() == ["tpot connected", "http://name.tpot.example.com"])
        #expect(printer.diagnostics().isEmpty)
    }

    @Test func theSameURLIsNotPrintedAgain() {
        let printer = PrinterUnderTest(.text)
        printer.publish(.tunnel(.online(url: "http://a.b")))
        _ = printer.lines()
        let reason = "the server\u{1b} closed"
        printer.publish(.tunnel(.reconnecting(attempt: 2, delay: .milliseconds(1_250), reason: reason)))
        printer.publish(.tunnel(.online(url: "http://a.b")))
        #expect(printer.lines().isEmpty)
        #expect(
            printer.diagnostics() == [
                #"offline: the server\x1b closed; attempt 2 in 1.2 s"#,
                "connected again, still at http://a.b",
            ]
        )
    }

    @Test func aFailedFirstAttemptIsNotAReconnection() {
        let failure = TunnelStatus.reconnecting(attempt: 2, delay: .milliseconds(500), reason: "refused")
        let text = PrinterUnderTest(.text)
        text.publish(.tunnel(failure))
        #expect(text.lines().isEmpty)
        #expect(text.diagnostics() == ["not connected yet: refused; attempt 2 in 0.5 s"])
        let json = PrinterUnderTest(.json)
        json.publish(.tunnel(failure))
        #expect(
            json.lines() == [
                #"{"type":"waiting","time":"2026-11-23T12:01:33.000Z","attempt":2,"delayMs":500,"reason":"refused"}"#
            ]
        )
    }

    @Test func aChangedURLIsPrintedWithAWarning() {
        let printer = PrinterUnderTest(.text)
        printer.publish(.tunnel(.online(url: "http://a.b")))
        printer.publish(.tunnel(.online(url: "http://c.b")))
        #expect(printer.lines() == ["tpot connected", "http://a.b", "tpot connected", "http://c.b"])
        #expect(
            printer.diagnostics() == ["THE PUBLIC URL HAS CHANGED to http://c.b; http://a.b no longer leads here"]
        )
    }

    @Test func lostEventsAreReportedOncePerBatch() {
        let text = PrinterUnderTest(.text)
        #expect(text.lines(lost: 5).isEmpty)
        #expect(text.diagnostics() == ["5 events were lost, so lines are missing: traffic was too fast to print"])
        let json = PrinterUnderTest(.json)
        #expect(json.lines(lost: 5) == [#"{"type":"lost","time":"2026-11-23T12:01:33.000Z","events":5}"#])
    }

    @Test func statusesAsJSON() {
        let printer = PrinterUnderTest(.json)
        printer.publish(.tunnel(.connecting(attempt: 1)))
        printer.publish(.tunnel(.online(url: "http://a.b")), after: 7)
        printer.publish(.tunnel(.roundTrip(.milliseconds(3))))
        let reason = "a \"reason\"\n"
        printer.publish(.tunnel(.reconnecting(attempt: 1, delay: .milliseconds(500), reason: reason)), after: 1000)
        printer.publish(.tunnel(.online(url: "http://a.b")), after: 500)
        printer.publish(.tunnel(.holding(true)))
        printer.publish(.tunnel(.stopped(reason: "asked to")))
        #expect(
            printer.lines() == [
                #"{"type":"connecting","time":"2026-11-23T12:01:33.000Z","attempt":1}"#,
                #"{"type":"online","time":"2026-11-23T12:01:33.007Z","url":"http://a.b","new":true}"#,
                #"{"type":"reconnecting","time":"2026-11-23T12:01:34.007Z","attempt":1,"delayMs":500,"#
                    + #""reason":"a \"reason\"\n"}"#,
                #"{"type":"online","time":"2026-11-23T12:01:34.507Z","url":"http://a.b","new":false}"#,
                #"{"type":"holding","time":"2026-11-23T12:01:34.507Z","on":true}"#,
                #"{"type":"stopped","time":"2026-11-23T12:01:34.507Z","reason":"asked to"}"#,
            ]
        )
        #expect(printer.diagnostics().isEmpty)
    }

    @Test func theTargetsStateIsPrintedWhenItChanges() {
        let states: [TargetState] = [.up, .down(since: .uptimeNanoseconds(0), reason: "refused"), .up, .up]
        let json = PrinterUnderTest(.json)
        for state in states { json.publish(.tunnel(.target(state)), after: 500) }
        let lines = json.lines()
        #expect(lines.count == 2)
        #expect(
            lines.first == #"{"type":"target","time":"2026-11-23T12:01:34.000Z","up":false,"reason":"refused"}"#
        )
        #expect(lines.last?.contains(#""type":"target","time":"2026-11-23T12:01:34.500Z","up":true,"downMs":"#) == true)
        // As text, the request that was not delivered has its own line, so only the good news is printed.
        let text = PrinterUnderTest(.text)
        for state in states { text.publish(.tunnel(.target(state))) }
        #expect(text.lines().isEmpty)
        #expect(text.diagnostics().count == 1)
        #expect(text.diagnostics().allSatisfy { $0.hasPrefix("the target is up again after ") })
    }
}
