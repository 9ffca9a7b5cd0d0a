import NIOCore
import TestSupport
import Testing

@testable import TPoTDashboard

@Suite struct ReplayTests {
    private func desk() -> Desk {
        var desk = Desk(bodyBytes: 100)
        desk.happen { traffic in
            traffic.online()
            traffic.visit("POST /first")
            traffic.visit("GET /second")
        }
        return desk
    }

    @Test func rAsksForOneAndTheNewRowTakesTheCursor() throws {
        var desk = desk()
        #expect(try desk.press("jr") == [.replay(1, count: 1)])
        desk.happen { $0.visit("GET /from-outside") }
        #expect(desk.state.selected == 1, "somebody else's request is not the replay")
        desk.happen { $0.visit("POST /first", replayOf: 1) }
        #expect(desk.state.selected == 4)
        #expect(desk.lastRow == " replayed as 4")
        desk.happen { $0.visit("POST /first", replayOf: 1) }
        #expect(desk.state.selected == 4, "nobody waits for another one")
    }

    @Test func rWorksWhereARequestIsOpen() throws {
        for opening in ["<enter>", "<enter><enter>"] {
            var desk = desk()
            #expect(try desk.press(opening + "r") == [.replay(2, count: 1)])
            desk.happen { $0.visit("GET /second", replayOf: 2) }
            #expect(desk.text.contains("── 3 GET /second ──"), "the open detail goes on with the replay")
        }
        var desk = desk()
        #expect(try desk.press("2r3r").isEmpty, "in the other lists no request is selected")
    }

    @Test(arguments: [
        ("R3<enter>", 3), ("R1<enter>", 1), ("R1000<enter>", 1000), ("R 12 <enter>", 12), ("R12<bs><enter>", 1),
        ("R<paste:7><enter>", 7), ("R0<enter><c-u>5<enter>", 5), ("<enter>R2<enter>", 2),
    ])
    func howOftenIsAsked(script: String, count: Int) throws {
        var desk = desk()
        #expect(try desk.press(script) == [.replay(2, count: count)])
        #expect(desk.state.prompt == nil)
    }

    @Test(arguments: ["R<esc>", "R<bs>", "R12<esc>"])
    func noNumberMeansNone(script: String) throws {
        var desk = desk()
        #expect(try desk.press(script).isEmpty)
        #expect(desk.state.prompt == nil)
    }

    @Test(arguments: [
        "R<enter>", "R0<enter>", "R1001<enter>", "R-1<enter>", "R1.5<enter>", "Rq<enter>",
        "R99999999999999999999<enter>",
    ])
    func whatIsNoNumberIsAskedAgain(script: String) throws {
        var desk = desk()
        #expect(try desk.press(script).isEmpty)
        #expect(desk.lastRow.contains("replay 2 how many times?"))
        #expect(desk.lastRow.hasSuffix("a number from 1 to 1000, please"))
    }

    @Test func severalReplaysAreToldTogether() throws {
        var desk = desk()
        try desk.press("R3<enter>")
        for expected in ["3", "3…4", "3…5"] {
            desk.happen { $0.visit("GET /second", replayOf: 2) }
            #expect(desk.lastRow == " replayed as \(expected)")
        }
        #expect(desk.state.awaitedReplay == nil)
    }

    /// A list of the failures is where replays are made: whether the row is there is known when it is answered.
    @Test func aReplayIsShownWhenItsAnswerMatchesTheFilter() throws {
        var desk = desk()
        desk.happen { $0.visit("POST /fails", "500 Oops") }
        try desk.press("/status:500<enter>r")
        desk.happen { traffic in
            traffic.arrive(replayOf: 3)
            traffic.ask("POST /fails")
        }
        #expect(desk.state.message == nil, "it may yet match")
        desk.happen { $0.reply("500 Oops") }
        #expect(desk.lastRow == " replayed as 4")
        #expect(desk.state.selected == 4)
        try desk.press("r")
        desk.happen { $0.visit("POST /fails", replayOf: 4) }
        #expect(desk.lastRow == " replayed as 5, answered 200: the filter hides it")
        #expect(desk.state.selected == 4)
        try desk.press("r")
        desk.happen { traffic in
            traffic.arrive(replayOf: 4)
            traffic.ask("POST /fails")
            traffic.add(.closed(.targetClosed(complete: false)))
        }
        #expect(desk.row(22) == " ! replayed as 6: the target closed before its answer was complete: the filter")
        #expect(desk.lastRow == " hides it", "what is too long goes on")
    }

    @Test func aReplayThatFindsNoTargetIsTold() throws {
        var desk = desk()
        try desk.press("r")
        desk.happen { traffic in
            traffic.conversation += 1
            traffic.add(.opened(.replay(of: 2)))
            traffic.ask("GET /second")
            traffic.add(.targetFailed("connection refused"))
            traffic.add(.closed(.targetNotConnected))
        }
        #expect(desk.lastRow == " ! replayed as 3: the target could not be reached: connection refused")
        #expect(desk.selectedRow.hasPrefix("▸   3") && desk.selectedRow.contains("refused"))
    }

    @Test func behindAFrozenPictureItIsOnlyTold() throws {
        var desk = desk()
        try desk.press("<space>r")
        desk.happen { $0.visit("GET /second", replayOf: 2) }
        #expect(desk.lastRow == " replayed as 3, behind the frozen picture")
        #expect(desk.state.selected == 2)
    }

    @Test func aReplayThatFailsIsNotWaitedFor() throws {
        var desk = desk()
        try desk.press("r")
        desk.tell(DashboardMessage("2 is not replayed: no", isFailure: true))
        #expect(desk.lastRow == " ! 2 is not replayed: no")
        #expect(desk.state.awaitedReplay == nil)
    }

    @Test(arguments: ["r", "R", "e"])
    func whatCannotBeSentAgainIsRefusedWithTheReason(key: String) throws {
        var desk = desk()
        func refusal(_ body: (inout Transcript) -> Void) throws -> String {
            desk.happen(body)
            #expect(try desk.press("g\(key)").isEmpty)
            return desk.lastRow
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

    @Test func eAsksForTheEditor() throws {
        var desk = desk()
        #expect(try desk.press("e") == [.edit(2)])
        desk.happen { $0.visit("GET /edited", replayOf: 2) }
        #expect(desk.state.selected == 3)
        #expect(try desk.press("<enter>e") == [.edit(3)])
        #expect(try desk.press("<enter>e") == [.edit(3)])
    }

    @Test func dComparesAReplayWithItsOriginal() throws {
        var desk = desk()
        try desk.press("d")
        #expect(desk.lastRow == " 2 is chosen: d on another one compares the two")
        try desk.press("<esc>")
        desk.happen { $0.visit("GET /second", "404 Not Found", replayOf: 2) }
        for opening in ["", "<enter>", "<enter>"] {
            try desk.press(opening + "d")
            #expect(desk.state.context == .comparison)
            #expect(desk.text.contains("- HTTP/1.1 200 OK") && desk.text.contains("+ HTTP/1.1 404 Not Found"))
            try desk.press("jk<pgdn><pgup>gG<home><end><wheel-down><wheel-up><space><space><esc>")
            #expect(desk.state.comparison == nil)
        }
        try desk.press("<esc><esc>gm")
        desk.store.clearUnmarked()
        try desk.press("gd")
        #expect(desk.lastRow == " ! 2, the original, is not kept any more")
    }

    @Test func aReplayOfAReplayIsComparedWithTheFirst() throws {
        var desk = desk()
        desk.happen { traffic in
            traffic.visit("POST /first", "503 Service Unavailable", replayOf: 1)
            traffic.visit("POST /first", "404 Not Found", replayOf: 3)
        }
        try desk.press("gd")
        #expect(desk.text.contains("── 4 and 1 compared ──"))
        #expect(desk.text.contains("- HTTP/1.1 200 OK") && desk.text.contains("+ HTTP/1.1 404 Not Found"))
    }

    @Test func dOnTwoOneAfterTheOtherComparesThem() throws {
        var desk = desk()
        for script in ["djd", "jdkd", "d<enter>jd", "<enter>djd"] {
            try desk.press("g" + script)
            #expect(desk.text.contains("── 2 and 1 compared ──"), "\(script)")
            #expect(desk.text.contains("- POST /first HTTP/1.1") && desk.text.contains("+ GET /second HTTP/1.1"))
            #expect(desk.text.contains("the two responses are the same"))
            try desk.press("<esc><esc><esc>")
            #expect(desk.state.chosen == nil && desk.state.context == .requests)
        }
        try desk.press("gd")
        #expect(desk.selectedRow.hasPrefix("▸◆"))
        try desk.press("d")
        #expect(desk.lastRow == " 2 is not chosen any more")
        try desk.press("d<esc>jd")
        #expect(desk.state.chosen == 1 && desk.state.comparison == nil)
        desk.store.clearUnmarked()
        desk.happen { $0.visit("GET /third") }
        try desk.press("gd")
        #expect(desk.lastRow == " ! 1, which was chosen, is not kept any more")
    }

    @Test func twoThatAreTheSameSaySo() throws {
        var desk = desk()
        desk.happen { $0.visit("GET /second", replayOf: 2) }
        try desk.press("d")
        #expect(desk.text.contains("the two responses are the same"))
    }
}
