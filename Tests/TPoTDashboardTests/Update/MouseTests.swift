import TPoTCapture
import TestSupport
import Testing

@testable import TPoTDashboard

@Suite struct MouseTests {
    private func dashboard(_ width: Int = 120, _ height: Int = 24) -> DashboardFixture {
        var dashboard = DashboardFixture(width: width, height: height)
        dashboard.play { traffic in
            traffic.online()
            for number in 1...9 { traffic.visit("GET /\(number)") }
        }
        return dashboard
    }

    /// Clicks into the middle of the first place of a text on the screen.
    private func click(_ text: String, in row: Int, _ dashboard: inout DashboardFixture) throws -> [DashboardCommand] {
        let line = dashboard.row(row)
        let place = try #require(line.firstRange(of: text)).lowerBound
        let column = line.distance(from: line.startIndex, to: place) + text.count / 2
        return try dashboard.press("<click:\(row),\(column)>")
    }

    @Test func aDoubleClickOpensARow() throws {
        var dashboard = dashboard()
        try dashboard.press("<click:7,30>")
        #expect(dashboard.state.detail == nil)
        let selected = dashboard.state.selected
        dashboard.wait(milliseconds: 500)
        try dashboard.press("<click:7,30>")
        #expect(dashboard.state.detail == nil, "too late")
        dashboard.wait(milliseconds: 100)
        try dashboard.press("<click:8,30>")
        #expect(dashboard.state.detail == nil, "another row")
        dashboard.wait(milliseconds: 100)
        try dashboard.press("<click:7,30><click:7,30>")
        #expect(dashboard.state.detail != nil && dashboard.state.selected == selected)
    }

    @Test(arguments: [
        ("Took", "sorted by how long they took"), ("Event", "sorted by sender and event"),
        ("Status", "sorted by status"), ("Out", "sorted by size"),
    ])
    func aClickOnATitleSortsAndTheNextOneUndoesIt(title: String, message: String) throws {
        var dashboard = dashboard()
        let row = try #require(dashboard.screen.text.firstIndex { $0.contains("Remote") && $0.contains("Took") })
        _ = try click(title, in: row, &dashboard)
        #expect(dashboard.lastRow.contains(message))
        #expect(dashboard.row(row).contains("▼"))
        _ = try click("▼", in: row, &dashboard)
        #expect(dashboard.state.order == .newestFirst)
    }

    @Test func theHelpBarTakesClicks() throws {
        var dashboard = dashboard(160)
        _ = try click("filter", in: 23, &dashboard)
        #expect(dashboard.state.prompt == .filter(TextField()))
        try dashboard.press("<esc>")
        #expect(try click("replay", in: 23, &dashboard) == [.replay(9, count: 1)])
        dashboard.wait(milliseconds: 6000)
        _ = try click("inspect", in: 23, &dashboard)
        _ = try click("→", in: 23, &dashboard)
        #expect(dashboard.state.detail?.tab == .response)
        _ = try click("next request", in: 23, &dashboard)
        #expect(dashboard.state.selected == 8)
        _ = try click("esc", in: 23, &dashboard)
        #expect(dashboard.state.detail == nil)
        _ = try click("help", in: 23, &dashboard)
        #expect(dashboard.state.context == .help)
    }

    @Test func theLineBetweenListAndDetailMoves() throws {
        var dashboard = dashboard()
        try dashboard.press("<enter>")
        let usual = dashboard.state.layout.list.count
        try dashboard.press("+")
        #expect(dashboard.state.layout.list.count == usual + 1)
        try dashboard.press("---------------")
        #expect(dashboard.state.layout.list.count == 1)
        try dashboard.press("++++++++++++++++++++++++++++++++-")
        let rows = dashboard.state.layout
        #expect(rows.detail.count == 5, "the detail keeps a few rows, and the next key is seen at once")
        // Pressed on the line, released elsewhere.
        let line = try #require(rows.detailTitle)
        try dashboard.press("<click:\(line),60><release:\(line - 4),60>")
        #expect(dashboard.state.layout.detailTitle == line - 4)
        try dashboard.press("<release:9,60>")
        #expect(dashboard.state.layout.detailTitle == line - 4, "it was not held")
        try dashboard.press("<esc><enter>")
        #expect(dashboard.state.layout.detailTitle == line - 4, "it stays")
    }

    @Test func everyTabTakesClicks() throws {
        var dashboard = dashboard()
        let row = try #require(dashboard.state.layout.tabs)
        _ = try click("Log", in: row, &dashboard)
        #expect(dashboard.state.list == .log)
        _ = try click("Requests", in: row, &dashboard)
        try dashboard.press("<enter>")
        _ = try click("Timing", in: try #require(dashboard.state.layout.detailTitle), &dashboard)
        #expect(dashboard.state.detail?.tab == .timing)
    }
}
