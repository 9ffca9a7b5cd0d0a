import TPoTCapture
import TestSupport
import Testing

@testable import TPoTDashboard

@Suite struct ComparisonKeyTests {
    /// A request with a long JSON answer, and a replay of it with the members in another order and two changes far apart.
    private func dashboard(_ width: Int = 100, _ height: Int = 24, isSame: Bool = false) -> DashboardFixture {
        var dashboard = DashboardFixture(width: width, height: height)
        let names = (1...40).map { "\"name\($0)\":\($0)" }
        let changed = names.map {
            $0 == "\"name5\":5" ? "\"name5\":500" : $0 == "\"name35\":35" ? "\"name35\":null" : $0
        }
        dashboard.play { traffic in
            traffic.online()
            for (original, members) in [(UInt64?.none, names), (1, isSame ? names : changed.reversed())] {
                traffic.arrive(replayOf: original)
                traffic.ask("POST /hook")
                traffic.answer(
                    original == nil || isSame ? 200 : 500,
                    fields: "Content-Type: application/json\r\nDate: \(original ?? 0)\r\n",
                    body: "{" + members.joined(separator: ",") + "}"
                )
                traffic.leave()
            }
        }
        return dashboard
    }

    @Test func theSummaryNamesWhatDiffers() throws {
        var dashboard = dashboard()
        try dashboard.press("d")
        #expect(dashboard.row(3) == " status 200→500 · body 2 lines · request same")
        #expect(dashboard.text.contains("3 differences"))
        #expect(dashboard.text.contains("lines the same"))
        var same = self.dashboard(isSame: true)
        try same.press("d")
        #expect(same.row(3) == " response same · request same")
        #expect(same.text.contains("0 differences"))
        try same.press("n")
        #expect(same.lastRow.contains("the two do not differ"))
    }

    @Test func nGoesFromOneDifferenceToTheNext() throws {
        var dashboard = dashboard(100, 16)
        try dashboard.press("dn")
        #expect(dashboard.text.contains("1 of 3 differences"))
        try dashboard.press("nn")
        #expect(dashboard.text.contains("3 of 3 differences") && dashboard.text.contains("\"name35\": null"))
        try dashboard.press("n")
        #expect(dashboard.lastRow.contains("this is the last difference"))
        try dashboard.press("NN")
        #expect(dashboard.text.contains("1 of 3 differences"))
        try dashboard.press("N")
        #expect(dashboard.lastRow.contains("this is the first difference"))
    }

    @Test func equalLinesAreFoldedUntilOneAsks() throws {
        var dashboard = dashboard(100, 60)
        try dashboard.press("d")
        let folded = dashboard.text
        let row = try #require(dashboard.screen.text.firstIndex { $0.contains("lines the same") })
        #expect(!folded.contains("\"name20\""))
        try dashboard.press("Z")
        #expect(dashboard.text.contains("\"name20\"") && !dashboard.text.contains("lines the same"))
        try dashboard.press("Z")
        #expect(dashboard.text == folded)
        for key in ["z", "<enter>", "<click:\(row),10>"] {
            try dashboard.press(key)
            #expect(dashboard.text != folded, "\(key)")
            try dashboard.press(key)
            #expect(dashboard.text == folded, "\(key)")
        }
        try dashboard.press("<esc>")
        #expect(dashboard.state.comparison == nil)
    }
}
