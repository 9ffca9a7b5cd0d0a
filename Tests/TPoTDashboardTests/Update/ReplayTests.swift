import NIOCore
import TestSupport
import Testing

@testable import TPoTDashboard

@Suite struct ReplayTests {
    private func dashboard() -> DashboardFixture {
        var dashboard = DashboardFixture(bodyBytes: 100)
        dashboard.play { traffic in
            traffic.online()
            traffic.visit("POST /first")
            traffic.visit("GET /second")
        }
        return dashboard
    }

    @Test func rReplaysOnceAndTheCursorMovesToTheNewRow() throws {
        var dashboard = dashboard()
        #expect(try dashboard.press("jr") == [.replay(1, count: 1)])
        dashboard.play { $0.visit("GET /from-outside") }
        #expect(dashboard.state.selected == 1, "another visitor's request is not the replay")
        dashboard.play { $0.visit("POST /first", replayOf: 1) }
        #expect(dashboard.state.selected == 4)
        #expect(dashboard.lastRow == " replayed as 4")
        dashboard.play { $0.visit("POST /first", replayOf: 1) }
        #expect(dashboard.state.selected == 4, "only one replay was awaited")
    }

    @Test func rWorksInAnOpenDetail() throws {
        for opening in ["<enter>", "<enter><enter>"] {
            var dashboard = dashboard()
            #expect(try dashboard.press(opening + "r") == [.replay(2, count: 1)])
            dashboard.play { $0.visit("GET /second", replayOf: 2) }
            #expect(dashboard.text.contains("── 3 GET /second "), "the open detail moves to the replay")
        }
        var dashboard = dashboard()
        #expect(try dashboard.press("2r3r").isEmpty, "the other lists have no selected request")
    }

    @Test(arguments: [
        ("R3<enter>", 3), ("R1<enter>", 1), ("R1000<enter>", 1000), ("R 12 <enter>", 12), ("R12<bs><enter>", 1),
        ("R<paste:7><enter>", 7), ("R0<enter><c-u>5<enter>", 5), ("<enter>R2<enter>", 2),
    ])
    func capitalRAsksHowOftenToReplay(script: String, count: Int) throws {
        var dashboard = dashboard()
        #expect(try dashboard.press(script) == [.replay(2, count: count)])
        #expect(dashboard.state.prompt == nil)
    }

    @Test(arguments: ["R<esc>", "R<bs>", "R12<esc>"])
    func cancellingThePromptReplaysNothing(script: String) throws {
        var dashboard = dashboard()
        #expect(try dashboard.press(script).isEmpty)
        #expect(dashboard.state.prompt == nil)
    }

    @Test(arguments: [
        "R<enter>", "R0<enter>", "R1001<enter>", "R-1<enter>", "R1.5<enter>", "Rq<enter>",
        "R99999999999999999999<enter>",
    ])
    func anInvalidCountIsAskedForAgain(script: String) throws {
        var dashboard = dashboard()
        #expect(try dashboard.press(script).isEmpty)
        #expect(dashboard.lastRow.contains("replay 2 how many times?"))
        #expect(dashboard.lastRow.hasSuffix("a number from 1 to 1000, please"))
    }

    @Test func severalReplaysAreReportedTogether() throws {
        var dashboard = dashboard()
        try dashboard.press("R3<enter>")
        for expected in ["3", "3…4", "3…5"] {
            dashboard.play { $0.visit("GET /second", replayOf: 2) }
            #expect(dashboard.lastRow == " replayed as \(expected)")
        }
        #expect(dashboard.state.awaitedReplay == nil)
    }

    /// Users often replay from a list of failures: the replay must be seen exactly when it goes well.
    @Test func aReplayIsShownUnderItsOriginalWhateverTheFilter() throws {
        var dashboard = dashboard()
        dashboard.play { $0.visit("POST /fails", "500 Oops") }
        try dashboard.press("/status:500<enter>r")
        dashboard.play { traffic in
            traffic.arrive(replayOf: 3)
            traffic.ask("POST /fails")
        }
        #expect(dashboard.lastRow == " replayed as 4")
        #expect(dashboard.state.selected == 4)
        dashboard.play { $0.reply("500 Oops") }
        #expect(dashboard.selectedRow.contains("✗ still failing"))
        try dashboard.press("r")
        dashboard.play { $0.visit("POST /fails", replayOf: 4) }
        #expect(dashboard.lastRow == " replayed as 5")
        #expect(dashboard.state.selected == 5 && dashboard.selectedRow.contains("✓ fixed"))
        try dashboard.press("r")
        dashboard.play { traffic in
            traffic.arrive(replayOf: 5)
            traffic.ask("POST /fails")
            traffic.add(.closed(.targetClosed(complete: false)))
        }
        #expect(dashboard.lastRow == " ! replayed as 6: the target closed before its answer was complete")
    }

    @Test func aReplayThatCannotReachTheTargetIsReported() throws {
        var dashboard = dashboard()
        try dashboard.press("r")
        dashboard.play { traffic in
            traffic.conversation += 1
            traffic.add(.opened(.replay(of: 2)))
            traffic.ask("GET /second")
            traffic.add(.targetFailed("connection refused"))
            traffic.add(.closed(.targetNotConnected))
        }
        #expect(dashboard.lastRow == " ! replayed as 3: the target could not be reached: connection refused")
        #expect(dashboard.selectedRow.contains("└↻ 3") && dashboard.selectedRow.contains("refused"))
    }

    @Test func behindAFrozenPictureAReplayIsOnlyReported() throws {
        var dashboard = dashboard()
        try dashboard.press("<space>r")
        dashboard.play { $0.visit("GET /second", replayOf: 2) }
        #expect(dashboard.lastRow == " replayed as 3, behind the frozen picture")
        #expect(dashboard.state.selected == 2)
    }

    @Test func aFailedReplayIsNoLongerAwaited() throws {
        var dashboard = dashboard()
        try dashboard.press("r")
        dashboard.post(DashboardMessage("2 is not replayed: no", isFailure: true))
        #expect(dashboard.lastRow == " ! 2 is not replayed: no")
        #expect(dashboard.state.awaitedReplay == nil)
    }

    @Test(arguments: ["r", "R", "e"])
    func aRequestThatCannotBeReplayedIsRefusedWithTheReason(key: String) throws {
        var dashboard = dashboard()
        func refusal(_ body: (inout Transcript) -> Void) throws -> String {
            dashboard.play(body)
            #expect(try dashboard.press("g\(key)").isEmpty)
            return dashboard.lastRow
        }
        let long = [UInt8](repeating: 0x61, count: 101)
        #expect(
            try refusal {
                $0.arrive()
                $0.ask("PUT /", body: long)
            } == " ! 3 is not replayed: only 100 of 101 bytes were captured (--capture-body)"
        )
        #expect(
            try refusal {
                $0.arrive()
                $0.ask("PUT /", body: [1], ends: false)
            } == " ! 4 is not replayed: the request is still being sent"
        )
        #expect(try refusal { $0.leave() } == " ! 4 is not replayed: the request never came to its end")
        #expect(
            try refusal {
                $0.arrive()
                $0.add(.targetOpaque(.count(1)))
            } == " ! 5 is not replayed: no request was seen here"
        )
    }

    @Test func eOpensTheEditor() throws {
        var dashboard = dashboard()
        #expect(try dashboard.press("e") == [.edit(2)])
        dashboard.play { $0.visit("GET /edited", replayOf: 2) }
        #expect(dashboard.state.selected == 3)
        #expect(try dashboard.press("<enter>e") == [.edit(3)])
        #expect(try dashboard.press("<enter>e") == [.edit(3)])
    }

    @Test func dComparesAReplayWithItsOriginal() throws {
        var dashboard = dashboard()
        try dashboard.press("d")
        #expect(dashboard.lastRow == " 2 is chosen: d on another one compares the two")
        try dashboard.press("<esc>")
        dashboard.play { $0.visit("GET /second", "404 Not Found", replayOf: 2) }
        for opening in ["", "<enter>", "<enter>"] {
            try dashboard.press(opening + "d")
            #expect(dashboard.state.context == .comparison)
            #expect(dashboard.text.contains("- HTTP/1.1 200 OK") && dashboard.text.contains("+ HTTP/1.1 404 Not Found"))
            try dashboard.press("jk<pgdn><pgup>gG<home><end><wheel-down><wheel-up><space><space><esc>")
            #expect(dashboard.state.comparison == nil)
        }
        try dashboard.press("<esc><esc>gjm")
        dashboard.store.clearUnmarked()
        try dashboard.press("gd")
        #expect(dashboard.lastRow == " ! 2, the original, is not kept any more")
    }

    @Test func aReplayOfAReplayIsComparedWithTheFirst() throws {
        var dashboard = dashboard()
        dashboard.play { traffic in
            traffic.visit("POST /first", "503 Service Unavailable", replayOf: 1)
            traffic.visit("POST /first", "404 Not Found", replayOf: 3)
        }
        try dashboard.press("Gd")
        #expect(dashboard.text.contains("── 4 and 1 compared ──"))
        #expect(dashboard.text.contains("- HTTP/1.1 200 OK") && dashboard.text.contains("+ HTTP/1.1 404 Not Found"))
    }

    @Test func dOnTwoExchangesComparesThem() throws {
        var dashboard = dashboard()
        for script in ["djd", "jdkd", "d<enter>Jd", "<enter>dJd"] {
            try dashboard.press("g" + script)
            #expect(dashboard.text.contains("── 2 and 1 compared ──"), "\(script)")
            #expect(
                dashboard.text.contains("- POST /first HTTP/1.1") && dashboard.text.contains("+ GET /second HTTP/1.1")
            )
            #expect(dashboard.text.contains("response same"))
            try dashboard.press("<esc><esc><esc>")
            #expect(dashboard.state.chosen == nil && dashboard.state.context == .requests)
        }
        try dashboard.press("gd")
        #expect(dashboard.selectedRow.hasPrefix("▸◆"))
        try dashboard.press("d")
        #expect(dashboard.lastRow == " 2 is not chosen any more")
        try dashboard.press("d<esc>jd")
        #expect(dashboard.state.chosen == 1 && dashboard.state.comparison == nil)
        dashboard.store.clearUnmarked()
        dashboard.play { $0.visit("GET /third") }
        try dashboard.press("gd")
        #expect(dashboard.lastRow == " ! 1, which was chosen, is not kept any more")
    }

    @Test func equalResponsesAreReportedAsTheSame() throws {
        var dashboard = dashboard()
        dashboard.play { $0.visit("GET /second", replayOf: 2) }
        try dashboard.press("d")
        #expect(dashboard.text.contains("response same"))
    }
}
