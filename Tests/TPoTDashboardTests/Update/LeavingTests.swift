import TestSupport
import Testing

@testable import TPoTDashboard

/// `q` and esc: back, and out.
@Suite struct LeavingTests {
    private func dashboard() -> DashboardFixture {
        var dashboard = DashboardFixture()
        dashboard.play { traffic in
            traffic.online()
            for path in ["/a", "/b", "/c"] { traffic.visit("GET \(path)") }
            traffic.visit("GET /c", replayOf: 3)
        }
        return dashboard
    }

    /// Each step that leads somewhere, and the steps back.
    @Test(
        arguments: [
            ("?", 1), ("Q", 1), ("y", 1), ("<enter>", 1), ("<enter><enter>", 2), ("d", 1), ("jd", 1), ("<enter>d", 2),
            ("/get<enter>", 1), ("/get<enter><enter>?", 3), ("<enter>y", 2), ("!", 1), ("c", 1),
        ]
    )
    func qAndEscGoBackStepByStep(place: String, steps: Int) throws {
        for key in ["q", "<esc>"] {
            var dashboard = dashboard()
            let start = dashboard.draw().state
            try dashboard.press(place)
            for _ in 1...steps {
                #expect(!isAtTheTop(dashboard, start), "\(place)")
                #expect(try dashboard.press(key).isEmpty)
            }
            #expect(isAtTheTop(dashboard, start), "\(place)")
        }
    }

    private func isAtTheTop(_ dashboard: DashboardFixture, _ start: DashboardState) -> Bool {
        let state = dashboard.state
        return state.overlay == nil && state.prompt == nil && state.detail == nil && state.comparison == nil
            && state.chosen == nil && state.filter.text.isEmpty
    }

    @Test(arguments: ["", "2", "3"])
    func qAsksBeforeItEndsATunnelThatIsOnline(list: String) throws {
        for yes in ["q", "y"] {
            var dashboard = dashboard()
            #expect(try dashboard.press(list + "q").isEmpty)
            #expect(dashboard.lastRow.contains("q or y ends"))
            #expect(dashboard.text.contains("Its URL stops working"))
            #expect(try dashboard.press(yes) == [.quit(.quit)])
        }
        for no in ["<esc>", "n", "j", "<enter>", "<space>", "<click:5,5>", "X"] {
            var dashboard = dashboard()
            let before = dashboard.text
            #expect(try dashboard.press(list + "q" + no).isEmpty)
            #expect(dashboard.state.prompt == nil && dashboard.state.freeze == nil)
            if list.isEmpty { #expect(dashboard.text == before, "the key only answers") }
        }
    }

    @Test func qSaysThatHeldVisitorsAreRefused() throws {
        var dashboard = dashboard()
        try dashboard.press("q")
        #expect(!dashboard.text.contains("refused"))
        try dashboard.press("<esc>pq")
        #expect(dashboard.text.contains("held visitors are refused"))
    }

    /// Nobody loses anything.
    @Test func qEndsATunnelThatIsNotOnlineAtOnce() throws {
        var dashboard = DashboardFixture()
        #expect(try dashboard.press("q") == [.quit(.quit)])
        dashboard = self.dashboard()
        dashboard.play { $0.tunnel(.reconnecting(attempt: 1, delay: .seconds(4), reason: "lost")) }
        #expect(try dashboard.press("q") == [.quit(.quit)])
    }

    @Test(arguments: ["", "2", "3"])
    func escAtTheTopDoesNothing(list: String) throws {
        var dashboard = dashboard()
        try dashboard.press(list)
        let before = dashboard.screen
        #expect(try dashboard.press("<esc><esc>").isEmpty)
        #expect(dashboard.screen == before)
    }

    @Test func xSaysHowManyRequestsGoAndAsks() throws {
        var dashboard = dashboard()
        dashboard.play { $0.arrive() }
        try dashboard.press("jm")
        #expect(try dashboard.press("X").isEmpty)
        #expect(dashboard.text.contains("clear 3 requests?"))
        for no in ["<esc>", "q", "n"] {
            #expect(try dashboard.press(no).isEmpty)
            #expect(dashboard.store.list().count == 4)
            try dashboard.press("X")
        }
        #expect(try dashboard.press("y") == [.clearUnmarked])
        #expect(try dashboard.press("X").isEmpty && dashboard.state.prompt == nil)
        #expect(dashboard.lastRow.hasPrefix(" nothing to clear"))
    }
}
