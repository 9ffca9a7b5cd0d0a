import TestSupport
import Testing

@testable import TPoTDashboard

/// `c`: the columns of the list.
@Suite struct ColumnTests {
    private func dashboard(width: Int = 140, height: Int = 24, hiding: Set<RequestColumn> = []) -> DashboardFixture {
        let memory = DashboardMemory(hiddenColumns: hiding, filters: [:], history: [])
        var dashboard = DashboardFixture(width: width, height: height, memory: memory)
        dashboard.play { traffic in
            traffic.online()
            traffic.visit("GET /a")
            traffic.visit("GET /a", "500 Oops", replayOf: 1)
            traffic.visit("GET /b")
        }
        return dashboard
    }

    private func titles(_ dashboard: DashboardFixture) -> [Substring] { dashboard.row(3).split(separator: " ") }

    @Test func spaceHidesAndShowsTheColumnWithTheCursor() throws {
        var dashboard = dashboard()
        #expect(try dashboard.press("c<space>") == [.remember(.hidden(.time, true))])
        #expect(titles(dashboard) == ["#", "Remote", "Event", "Request", "Status", "Took", "In", "Out"])
        #expect(try dashboard.press("<down>j<up><space>") == [.remember(.hidden(.remote, true))])
        #expect(try dashboard.press("k<up><up><space>") == [.remember(.hidden(.time, false))])
        #expect(try dashboard.press("jjjjjjjjjj<space><enter>") == [.remember(.hidden(.bytesOut, true))])
        #expect(titles(dashboard) == ["#", "Time", "Event", "Request", "Status", "Took", "In"])
        #expect(dashboard.state.overlay == nil)
    }

    @Test func aNumberTogglesItsColumn() throws {
        var dashboard = dashboard()
        #expect(try dashboard.press("c3").first == .remember(.hidden(.event, true)))
        #expect(dashboard.selectedRow.contains("3 [ ] Event") || dashboard.text.contains("▸ 3 [ ] Event"))
        #expect(try dashboard.press("38").first == .remember(.hidden(.event, false)))
        #expect(dashboard.state.memory.hiddenColumns.isEmpty)
    }

    @Test func numberAndStatusAlwaysStay() throws {
        for (width, height) in [(200, 50), (80, 24), (60, 20), (40, 8)] {
            var dashboard = dashboard(width: width, height: height)
            try dashboard.press("c1234567c")
            #expect(dashboard.state.memory.hiddenColumns.count == 7)
            #expect(dashboard.selectedRow.hasPrefix("▸   3  ") && dashboard.selectedRow.hasSuffix(" 200"))
        }
    }

    @Test func theChoiceOfAnEarlierRunCounts() throws {
        var dashboard = dashboard(hiding: [.bytesIn, .bytesOut])
        dashboard.draw()
        #expect(titles(dashboard) == ["#", "Time", "Remote", "Event", "Request", "Status", "Took"])
        try dashboard.press("c")
        #expect(dashboard.text.contains("6 [ ] In"))
    }

    /// The branch of a replay is longer than a number.
    @Test func aReplayHasRoomBesideItsNumber() throws {
        var dashboard = dashboard(hiding: [.time])
        dashboard.draw()
        #expect(dashboard.text.contains("└↻ 2  replay "))
    }

    @Test(arguments: [RequestColumn.event, .request]) func theVerdictOnAReplayStays(hidden: RequestColumn) throws {
        for width in stride(from: 45, through: 200, by: 5) {
            var dashboard = dashboard(width: width, hiding: [hidden])
            dashboard.draw()
            let row = dashboard.screen.text.first { $0.contains("└↻ 2") } ?? ""
            #expect(row.contains(" 500") && row.contains(" ✗ regressed"), "\(width): \(row)")
        }
    }

    @Test func whatHasNoRoomIsSaid() throws {
        var dashboard = dashboard(width: 80)
        try dashboard.press("c")
        #expect(dashboard.text.contains("2 [x] Remote   the visitor's address and port; no room at this width"))
        #expect(dashboard.text.contains("5 [x] Took     how long the answer took\n"))
    }

    /// Keys of the list do nothing, and these lead back.
    @Test(arguments: ["<esc>", "q", "c", "<enter>"])
    func onlyItsOwnKeysWork(key: String) throws {
        var dashboard = dashboard(height: 10)
        #expect(try dashboard.press("crp!/mX<pgdn>").isEmpty)
        #expect(dashboard.state.overlay == .columns(0))
        #expect(try dashboard.press("jjjjjj").isEmpty && dashboard.text.contains("▸ 7 [x] Out"))
        #expect(try dashboard.press(key).isEmpty && dashboard.state.overlay == nil)
    }
}
