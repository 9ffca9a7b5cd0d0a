import NIOCore
import TestSupport
import Testing

@testable import TPoTDashboard

@Suite struct DetailTests {
    private func desk(height: Int = 24, memoryBytes: Int = 1 << 26) -> Desk {
        var desk = Desk(height: height, memoryBytes: memoryBytes)
        desk.happen { traffic in
            traffic.online()
            for number in 1...5 { traffic.visit("GET /\(number)") }
            traffic.arrive()
            traffic.ask("POST /long", body: Array((1...200).map { "line \($0)\n" }.joined().utf8))
        }
        return desk
    }

    @Test func splitThenFullScreenAndBack() throws {
        var desk = desk()
        #expect(desk.state.context == .requests)
        try desk.press("<enter>")
        #expect(desk.state.context == .split)
        try desk.press("<enter>")
        #expect(desk.state.context == .detail)
        try desk.press("<enter>")
        #expect(desk.state.context == .detail)
        try desk.press("<esc>")
        #expect(desk.state.context == .split)
        try desk.press("<esc>")
        #expect(desk.state.context == .requests)
    }

    /// At its end a text that grows is followed, as a log is.
    @Test func theEndOfAStreamIsFollowed() throws {
        var desk = desk()
        func say(_ range: ClosedRange<Int>) {
            let lines = range.map { "data: \($0)\n\n" }.joined()
            desk.happen { $0.add(.responseBody(.bytes(ByteBuffer(string: lines)))) }
        }
        desk.happen { $0.reply("200 OK", ["Content-Type: text/event-stream"], ends: false) }
        say(1...30)
        try desk.press("<enter><enter>2")
        say(31...31)
        #expect(!desk.text.contains("data: 31"), "at its beginning it stays")
        try desk.press("G")
        say(32...40)
        #expect(desk.text.contains("data: 40"))
        try desk.press("k")
        say(41...45)
        #expect(desk.text.contains("data: 39") && !desk.text.contains("data: 45"))
        try desk.press("<end>1")
        #expect(desk.text.contains("POST /long"))
    }

    @Test func withoutRoomForTwoItIsFullAtOnce() throws {
        var desk = desk(height: 12)
        try desk.press("<enter>")
        #expect(desk.state.context == .detail)
        try desk.press("<resize:80x30>")
        #expect(desk.state.context == .split)
        try desk.press("<resize:80x12><esc>")
        #expect(desk.state.context == .requests)
    }

    @Test(arguments: [
        ("", DetailState.Tab.request), ("<tab>", .response), ("<right><right>", .timing), ("<s-tab>", .timing),
        ("<left><left>", .response), ("3", .timing), ("31", .request), ("<tab><tab><tab>", .request), ("2", .response),
    ])
    func tabsTurn(script: String, tab: DetailState.Tab) throws {
        for opening in ["<enter>", "<enter><enter>"] {
            var desk = desk()
            try desk.press(opening + script)
            #expect(desk.state.detail?.tab == tab)
            #expect(desk.state.list == .requests)
        }
    }

    @Test(arguments: [
        ("", DashboardState.List.requests), ("<tab>", .conversations), ("<right><right>", .log), ("<s-tab>", .log),
        ("<left><left>", .conversations), ("2", .conversations), ("3", .log), ("31", .requests),
    ])
    func listsTurn(script: String, list: DashboardState.List) throws {
        var desk = desk()
        try desk.press(script)
        #expect(desk.state.list == list)
    }

    /// Beside the list j, k, g and G belong to the list; PgUp, PgDn, Home and End to the text.
    @Test func besideTheListKeysAreShared() throws {
        var desk = desk()
        try desk.press("<enter><pgdn>")
        #expect(desk.text.contains("line 15") && !desk.text.contains("HTTP/1.1"))
        try desk.press("<end>")
        #expect(desk.text.contains("line 200"))
        try desk.press("<home>")
        #expect(desk.text.contains("POST /long HTTP/1.1"))
        try desk.press("j")
        #expect(desk.text.contains("── 5 GET /5 ──"))
        try desk.press("G")
        #expect(desk.text.contains("── 1 GET /1 ──"))
        try desk.press("g")
        #expect(desk.text.contains("── 6 POST /long ──"))
        try desk.press("<wheel-down:6,3>")
        #expect(desk.state.selected == 3)
        try desk.press("g<wheel-down:18,3>")
        #expect(desk.state.selected == 6 && desk.text.contains("line 4 of"))
    }

    @Test func aloneAllKeysMoveTheText() throws {
        var desk = desk()
        try desk.press("<enter><enter>jj")
        #expect(desk.text.contains("line 3 of"))
        try desk.press("kG")
        #expect(desk.text.contains("line 200"))
        try desk.press("g<wheel-down><wheel-up><pgdn><pgup>")
        #expect(desk.text.contains("line 1 of"))
        #expect(desk.state.selected == 6)
    }

    @Test func whatIsReadStaysWhenOthersCome() throws {
        var desk = desk()
        try desk.press("<enter>")
        desk.happen { $0.visit("GET /newer") }
        #expect(desk.text.contains("── 6 POST /long ──"))
        #expect(desk.state.selected == 6)
        try desk.press("<esc>")
        #expect(desk.row(4).contains("/newer"))
        #expect(desk.selectedRow.contains("/long"))
    }

    /// Neither the filter, which no longer matches, nor the store, which needs the room, changes what is open.
    @Test func whatIsOpenStaysWhenItsRowGoes() throws {
        var desk = desk(memoryBytes: 64 * 1024)
        try desk.press("/status:waiting<enter><enter>2")
        #expect(desk.text.contains("no answer yet: the target has the request"))
        desk.happen { traffic in
            traffic.reply("200 OK")
            traffic.leave()
            traffic.arrive()
            traffic.ask("GET /another")
        }
        #expect(desk.text.contains("── 6 POST /long ──"))
        #expect(desk.text.contains("HTTP/1.1 200 OK"))
        #expect(desk.selectedRow.isEmpty, "the only row is another one")
        #expect(try desk.press("r") == [.replay(6, count: 1)])
        desk.happen { traffic in for _ in 1...100 { traffic.visit("GET /many") } }
        #expect(desk.text.contains("6 is not kept any more"))
        #expect(try desk.press("r").isEmpty)
        #expect(desk.lastRow == " ! 6 is not kept any more")
    }

    @Test func aConversationOpensItsLastRequest() throws {
        var desk = desk()
        try desk.press("2j<enter>")
        #expect(desk.state.list == .requests)
        #expect(desk.text.contains("── 5 GET /5 ──"))
        // Where the filter hides it, the filter goes.
        try desk.press("<esc>/nothing<enter>2<enter>")
        #expect(desk.state.filter.isEmpty)
        #expect(desk.text.contains("── 5 GET /5 ──"))
        desk.happen { $0.arrive() }
        try desk.press("<esc>2g<enter>")
        #expect(desk.lastRow == " no request came in this conversation yet")
    }

    @Test func nothingIsOpenedWhereNothingIsSelected() throws {
        var desk = Desk()
        try desk.press("<enter>")
        #expect(desk.state.detail == nil)
        #expect(desk.lastRow == " no request is selected")
        desk = self.desk()
        try desk.press("jj/absent<enter><enter>")
        #expect(desk.state.detail == nil)
        #expect(try desk.press("r").isEmpty, "the row that the filter hides is not meant")
        #expect(desk.lastRow == " no request is selected")
    }

    @Test func theRowThatWasReadIsSelectedWhenTheFilterGoes() throws {
        var desk = desk()
        try desk.press("jj/\"/3\"<enter><enter>")
        #expect(desk.text.contains("── 3 GET /3 ──"))
        try desk.press("<esc><esc>")
        #expect(desk.state.filter.isEmpty)
        #expect(desk.state.selected == 3)
    }

    @Test func bTurnsThroughTheWaysToShowABody() throws {
        var desk = desk()
        desk.happen { traffic in
            traffic.arrive()
            traffic.ask("POST /json", [Transcript.json], body: Array(#"{"a":1}"#.utf8))
        }
        try desk.press("<enter><enter>")
        #expect(desk.text.contains(#"   "a": 1"#))
        try desk.press("b")
        #expect(desk.text.contains(#"{"a":1}"#) && desk.text.contains(" raw "))
        try desk.press("b")
        #expect(desk.text.contains("7b 22 61 22 3a 31 7d") && desk.text.contains(" hex "))
        try desk.press("b")
        #expect(desk.text.contains(#"   "a": 1"#))
    }
}
