import TestSupport
import Testing

@testable import TPoTDashboard

@Suite struct MoveTests {
    /// 20 requests in a list of 8 rows: 20 on top, 13 at the bottom.
    private func desk(height: Int = 13) -> Desk {
        var desk = Desk(height: height)
        desk.happen { traffic in
            traffic.online()
            for number in 1...20 { traffic.visit("GET /\(number)") }
        }
        return desk
    }

    @Test(arguments: [
        ("", 20), ("j", 19), ("<down><down>", 18), ("jjk", 19), ("jj<up>", 19), ("<pgdn>", 13), ("<pgdn><pgdn>", 6),
        ("<pgdn><pgup>", 20), ("G", 1), ("<end>", 1), ("Gk", 2), ("Gg", 20), ("G<home>", 20), ("<wheel-down>", 17),
        ("<wheel-down><wheel-up>", 20), ("Gj", 1), ("gk", 20), ("G<pgdn>", 1), ("k", 20), ("<wheel-up>", 20),
    ])
    func inTheRequests(script: String, number: UInt64) throws {
        var desk = desk()
        try desk.press(script)
        #expect(desk.state.selected == number)
        #expect(desk.selectedRow.contains(" /\(number) "))
    }

    @Test(arguments: [("j", 20), ("<pgdn>", 14), ("G", 2), ("Gg", 21), ("<wheel-down>", 18), ("Gkk", 4)])
    func inTheConversations(script: String, number: UInt64) throws {
        var desk = desk()
        try desk.press("2" + script)
        #expect(desk.state.conversations.shown == number)
        #expect(desk.selectedRow.hasSuffix(" GET /\(number - 1)"))
    }

    @Test func theCursorFollowsUntilItIsMovedAndAgainAtTheTop() throws {
        var desk = desk()
        desk.happen { $0.visit("GET /21") }
        #expect(desk.state.selected == 21)
        try desk.press("j")
        desk.happen { $0.visit("GET /22") }
        #expect(desk.state.selected == 20)
        try desk.press("kk")
        #expect(desk.state.selected == 22)
        desk.happen { $0.visit("GET /23") }
        #expect(desk.state.selected == 22, "moved to the top, it stays on its row")
        try desk.press("gk")
        desk.happen { $0.visit("GET /24") }
        #expect(desk.state.selected == 24)
    }

    /// While the first row can be seen, the selected one moves down; at the bottom it stays, and the others go.
    @Test func theSelectedRowIsNeverPushedOut() throws {
        var desk = desk()
        try desk.press("jjjj")
        for number in 21...40 { desk.happen { $0.visit("GET /\(number)") } }
        #expect(desk.state.selected == 16)
        #expect(desk.row(11).hasPrefix("▸  16"))
        #expect(desk.row(2).contains("↑ 17"))
    }

    @Test(arguments: [(4, 20), (6, 18), (11, 13)])
    func aClickSelectsARow(row: Int, number: UInt64) throws {
        var desk = desk()
        try desk.press("<click:\(row),30>")
        #expect(desk.state.selected == number)
        try desk.press("G<click:4,30>")
        #expect(desk.state.selected == 8)
        try desk.press("2<click:\(row),1>")
        #expect(desk.state.conversations.shown == number + 1)
    }

    @Test func aClickWhereNothingIsDoesNothing() throws {
        var desk = Desk(height: 20)
        desk.happen { $0.visit("GET /1") }
        try desk.press("<click:10,3><click:0,0><click:19,5><click:500,500>")
        #expect(desk.state.selected == 1)
        #expect(desk.state.list == .requests)
        try desk.press("2<click:10,3>3<click:4,3>")
        #expect(desk.state.list == .log)
    }

    @Test func aClickOnANameTurnsToIt() throws {
        var desk = desk(height: 24)
        try desk.press("<click:2,20>")
        #expect(desk.state.list == .conversations)
        try desk.press("<click:2,36>")
        #expect(desk.state.list == .log)
        try desk.press("<click:2,3>")
        #expect(desk.state.list == .requests)
        // Filtered, the others are numbers: ── 1 Requests ── 2 ── 3 ──
        try desk.press("/GET<enter><click:2,17>")
        #expect(desk.state.list == .conversations)
        try desk.press("1<enter>")
        let title = try #require(desk.screen.text.firstIndex { $0.contains("── 1 Request ──") })
        let column = try #require(
            desk.row(title).firstRange(of: "Timing").map {
                desk.row(title).distance(from: desk.row(title).startIndex, to: $0.lowerBound)
            }
        )
        try desk.press("<click:\(title),\(column)>")
        #expect(desk.state.detail?.tab == .timing)
    }

    /// List and detail side by side: what the mouse does depends on the column, too.
    @Test func onAWideScreenTheDetailStandsBesideTheList() throws {
        var desk = desk(height: 24)
        try desk.press("<resize:160x12><enter>")
        #expect(desk.state.context == .split)
        let row = try #require(desk.screen.text.firstIndex { $0.contains("│ GET /") })
        try desk.press("<click:\(row + 1),10>")
        #expect(desk.selectedRow.hasPrefix("▸"))
        let selected = desk.state.selected
        try desk.press("<click:\(row + 2),120>")
        #expect(desk.state.selected == selected, "the detail has no rows to select")
        let title = desk.row(2)
        let column = try #require(
            title.firstRange(of: "3 Timing").map { title.distance(from: title.startIndex, to: $0.lowerBound) }
        )
        try desk.press("<click:2,\(column)>")
        #expect(desk.state.detail?.tab == .timing)
        #expect(desk.state.list == .requests)
        try desk.press("<wheel-down:5,10>")
        #expect(desk.state.selected != selected)
        let scrolled = desk.state.selected
        try desk.press("<wheel-down:5,120>")
        #expect(desk.state.selected == scrolled && desk.state.detail?.scroll != DocumentPosition())
        try desk.press("<enter>")
        #expect(desk.state.context == .detail)
        try desk.press("<esc><esc>")
        #expect(desk.state.context == .requests)
    }

    @Test func emptyListsTakeEveryMove() throws {
        var desk = Desk()
        for list in 1...3 {
            try desk.press("\(list)jk<pgdn><pgup>gG<home><end><wheel-down><wheel-up><click:5,5><enter><esc>")
        }
        #expect(desk.state.selected == nil)
    }

    @Test func inTheLog() throws {
        var desk = Desk(height: 12)
        for number in 1...30 { desk.log.append(LogLine(unixNanoseconds: 0, level: .info, text: "line \(number)")) }
        try desk.press("3")
        #expect(desk.row(10).hasSuffix("line 30"))
        try desk.press("k")
        #expect(desk.row(10).hasSuffix("line 29"))
        try desk.press("<pgup>")
        #expect(desk.row(10).hasSuffix("line 22"))
        try desk.press("g")
        #expect(desk.row(3).hasSuffix("line 1"))
        try desk.press("<wheel-down>j")
        #expect(desk.row(3).hasSuffix("line 5"))
        try desk.press("G")
        desk.log.append(LogLine(unixNanoseconds: 0, level: .info, text: "line 31"))
        desk.draw()
        #expect(desk.row(10).hasSuffix("line 31"))
    }
}
