import TestSupport
import Testing

@testable import TPoTDashboard

@Suite struct MoveTests {
    /// 20 requests in a list of 8 rows: number 20 on top, number 13 at the bottom.
    private func dashboard(height: Int = 13) -> DashboardFixture {
        var dashboard = DashboardFixture(height: height)
        dashboard.play { traffic in
            traffic.online()
            for number in 1...20 { traffic.visit("GET /\(number)") }
        }
        return dashboard
    }

    @Test(arguments: [
        ("", 20), ("j", 19), ("<down><down>", 18), ("jjk", 19), ("jj<up>", 19), ("<pgdn>", 13), ("<pgdn><pgdn>", 6),
        ("<pgdn><pgup>", 20), ("G", 1), ("<end>", 1), ("Gk", 2), ("Gg", 20), ("G<home>", 20), ("<wheel-down>", 17),
        ("<wheel-down><wheel-up>", 20), ("Gj", 1), ("gk", 20), ("G<pgdn>", 1), ("k", 20), ("<wheel-up>", 20),
    ])
    func keysMoveInTheRequests(script: String, number: UInt64) throws {
        var dashboard = dashboard()
        try dashboard.press(script)
        #expect(dashboard.state.selected == number)
        #expect(dashboard.selectedRow.contains(" /\(number) "))
    }

    @Test(arguments: [("j", 20), ("<pgdn>", 14), ("G", 2), ("Gg", 21), ("<wheel-down>", 18), ("Gkk", 4)])
    func keysMoveInTheConversations(script: String, number: UInt64) throws {
        var dashboard = dashboard()
        try dashboard.press("2" + script)
        #expect(dashboard.state.conversations.shown == number)
        #expect(dashboard.selectedRow.hasSuffix(" GET /\(number - 1)"))
    }

    @Test func theCursorFollowsNewRowsUntilMovedAndAgainFromTheTop() throws {
        var dashboard = dashboard()
        dashboard.play { $0.visit("GET /21") }
        #expect(dashboard.state.selected == 21)
        try dashboard.press("j")
        dashboard.play { $0.visit("GET /22") }
        #expect(dashboard.state.selected == 20)
        try dashboard.press("kk")
        #expect(dashboard.state.selected == 22)
        dashboard.play { $0.visit("GET /23") }
        #expect(dashboard.state.selected == 22, "a cursor that was moved to the top row stays on that row")
        try dashboard.press("gk")
        dashboard.play { $0.visit("GET /24") }
        #expect(dashboard.state.selected == 24)
    }

    /// New rows push the selected row down. At the bottom it stays, and the rows above it scroll away.
    @Test func newRowsNeverPushTheSelectedRowOffTheScreen() throws {
        var dashboard = dashboard()
        try dashboard.press("jjjj")
        for number in 21...40 { dashboard.play { $0.visit("GET /\(number)") } }
        #expect(dashboard.state.selected == 16)
        #expect(dashboard.row(11).hasPrefix("▸  16"))
        #expect(dashboard.row(2).contains("↑ 17"))
    }

    @Test(arguments: [(4, 20), (6, 18), (11, 13)])
    func aClickSelectsARow(row: Int, number: UInt64) throws {
        var dashboard = dashboard()
        try dashboard.press("<click:\(row),30>")
        #expect(dashboard.state.selected == number)
        try dashboard.press("G<click:4,30>")
        #expect(dashboard.state.selected == 8)
        try dashboard.press("2<click:\(row),1>")
        #expect(dashboard.state.conversations.shown == number + 1)
    }

    @Test func aClickOnAnEmptyPlaceDoesNothing() throws {
        var dashboard = DashboardFixture(height: 20)
        dashboard.play { $0.visit("GET /1") }
        try dashboard.press("<click:10,3><click:0,0><click:19,5><click:500,500>")
        #expect(dashboard.state.selected == 1)
        #expect(dashboard.state.list == .requests)
        try dashboard.press("2<click:10,3>3<click:4,3>")
        #expect(dashboard.state.list == .log)
    }

    @Test func aClickOnATabSwitchesToIt() throws {
        var dashboard = dashboard(height: 24)
        try dashboard.press("<click:2,20>")
        #expect(dashboard.state.list == .conversations)
        try dashboard.press("<click:2,36>")
        #expect(dashboard.state.list == .log)
        try dashboard.press("<click:2,3>")
        #expect(dashboard.state.list == .requests)
        // With a filter, the other tabs are numbers only: ── 1 Requests ── 2 ── 3 ──
        try dashboard.press("/GET<enter><click:2,17>")
        #expect(dashboard.state.list == .conversations)
        try dashboard.press("1<enter>")
        let title = try #require(dashboard.screen.text.firstIndex { $0.contains("── 1 Request ──") })
        let column = try #require(
            dashboard.row(title).firstRange(of: "Timing").map {
                dashboard.row(title).distance(from: dashboard.row(title).startIndex, to: $0.lowerBound)
            }
        )
        try dashboard.press("<click:\(title),\(column)>")
        #expect(dashboard.state.detail?.tab == .timing)
    }

    /// With request and response side by side, the effect of the mouse depends on the column, too.
    @Test func theMouseGoesToTheTextThatItPointsAt() throws {
        var dashboard = dashboard(height: 24)
        let lines = (1...60).map { "line \($0)\n" }.joined()
        dashboard.play { traffic in
            traffic.arrive()
            traffic.ask("POST /both", body: Array(lines.utf8))
            traffic.reply("200 OK", body: Array(lines.utf8))
        }
        try dashboard.press("<resize:160x24>g<enter>")
        #expect(dashboard.state.context == .split)
        let selected = dashboard.state.selected
        try dashboard.press("<wheel-down:15,120>")
        #expect(dashboard.state.selected == selected && dashboard.state.detail?.tab == .response)
        #expect(dashboard.state.detail?[.response].scroll.line == 3)
        #expect(dashboard.state.detail?[.request].scroll == DocumentPosition())
        try dashboard.press("<click:15,10>")
        #expect(dashboard.state.detail?.tab == .request)
        try dashboard.press("<wheel-down:5,10>")
        #expect(dashboard.state.selected != selected, "over the list the wheel moves the cursor")
    }

    @Test func everyMoveIsSafeInEmptyLists() throws {
        var dashboard = DashboardFixture()
        for list in 1...3 {
            try dashboard.press("\(list)jk<pgdn><pgup>gG<home><end><wheel-down><wheel-up><click:5,5><enter><esc>")
        }
        #expect(dashboard.state.selected == nil)
    }

    @Test func keysMoveInTheLog() throws {
        var dashboard = DashboardFixture(height: 12)
        for number in 1...30 { dashboard.log.append(LogLine(unixNanoseconds: 0, level: .info, text: "line \(number)")) }
        try dashboard.press("3")
        #expect(dashboard.row(10).hasSuffix("line 30"))
        try dashboard.press("k")
        #expect(dashboard.row(10).hasSuffix("line 29"))
        try dashboard.press("<pgup>")
        #expect(dashboard.row(10).hasSuffix("line 22"))
        try dashboard.press("g")
        #expect(dashboard.row(3).hasSuffix("line 1"))
        try dashboard.press("<wheel-down>j")
        #expect(dashboard.row(3).hasSuffix("line 5"))
        try dashboard.press("G")
        dashboard.log.append(LogLine(unixNanoseconds: 0, level: .info, text: "line 31"))
        dashboard.draw()
        #expect(dashboard.row(10).hasSuffix("line 31"))
    }
}

/// The order of the list.
@Suite struct SortTests {
    @Test func sSortsByTheNextColumnAndTheCursorStaysOnItsRow() throws {
        var dashboard = DashboardFixture(width: 120)
        dashboard.play { traffic in
            traffic.online()
            traffic.visit("GET /a", "500 Oops")
            traffic.visit("GET /b")
            traffic.visit("GET /c", "404 Not Found")
        }
        func paths() -> [String] {
            dashboard.screen.text.compactMap { row in
                ["/a", "/b", "/c"].first { row.contains("GET \($0) ") }
            }
        }
        #expect(paths() == ["/c", "/b", "/a"])
        try dashboard.press("jsss")
        #expect(
            dashboard.text.contains("Statu▼") || dashboard.text.contains("Status▼") || dashboard.text.contains("Stat▼")
        )
        #expect(dashboard.lastRow == " sorted by status")
        #expect(paths() == ["/a", "/c", "/b"])
        #expect(dashboard.selectedRow.contains("/b"))
        try dashboard.press("<esc>")
        #expect(dashboard.state.order == .newestFirst)
        try dashboard.press("sssss")
        #expect(paths() == ["/c", "/b", "/a"] && dashboard.state.order == .newestFirst)
    }
}
