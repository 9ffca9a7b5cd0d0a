import TPoTCapture
import TestSupport
import Testing

@testable import TPoTDashboard

/// Keys that lead to commands for the rest of the program.
@Suite struct CommandTests {
    private func dashboard() -> DashboardFixture {
        var dashboard = DashboardFixture()
        dashboard.play { traffic in
            traffic.online()
            for path in ["/a", "/b", "/c"] { traffic.visit("GET \(path)") }
        }
        return dashboard
    }

    /// Key scripts that lead to each part of the dashboard.
    private static let places = [
        "", "2", "3", "<enter>", "<enter><enter>", "/ab", "<enter>/ab", "R1", "y", "?", "Q", "d", "q", "X",
    ]

    @Test(arguments: places)
    func controlKeysWorkEverywhere(place: String) throws {
        var dashboard = dashboard()
        dashboard.play { $0.visit("GET /c", replayOf: 3) }
        try dashboard.press(place)
        #expect(try dashboard.press("<c-c>") == [.quit(.quit)])
        #expect(try dashboard.press("<c-z>") == [.suspend])
        #expect(try dashboard.press("<c-l>") == [.redraw])
        #expect(try dashboard.press("<resumed>") == [.redraw])
        #expect(try dashboard.press("<terminate>") == [.quit(.terminate)])
        #expect(try dashboard.press("<hangup>") == [.quit(.hangUp)])
        #expect(try dashboard.press("<resize:100x30>").isEmpty)
        #expect(dashboard.screen.size == ScreenSize(width: 100, height: 30))
    }

    @Test(arguments: ["", "2", "3", "<enter>", "<enter><enter>"])
    func helpOpensAndCloses(place: String) throws {
        for end in ["<esc>", "?", "q"] {
            var dashboard = dashboard()
            try dashboard.press(place)
            let before = dashboard.screen
            try dashboard.press("?")
            #expect(dashboard.row(0).hasPrefix("── Keys ──"))
            try dashboard.press("jk<pgdn><pgup>gG<home><end><wheel-down><wheel-up>rexX" + end)
            #expect(dashboard.screen == before)
        }
    }

    /// Key presses beyond the end must not count: one step back scrolls one line.
    @Test func helpDoesNotScrollBeyondItsEnd() throws {
        var dashboard = dashboard()
        try dashboard.press("?G<pgdn>jj")
        let end = dashboard.text
        try dashboard.press("k")
        #expect(dashboard.text != end)
        try dashboard.press("j")
        #expect(dashboard.text == end)
    }

    @Test func wWritesTheFilteredExchanges() throws {
        var dashboard = dashboard()
        #expect(try dashboard.press("w") == [.writeHAR(.all)])
        #expect(try dashboard.press("/path:/a<enter>w").last == .writeHAR(CaptureFilter("path:/a")))
        #expect(
            try dashboard.press("<enter>w<enter>w") == [
                .writeHAR(CaptureFilter("path:/a")), .writeHAR(CaptureFilter("path:/a")),
            ]
        )
        #expect(try dashboard.press("<esc><esc>2w3w").count == 2)
    }

    @Test func mMarksAndXClearsTheOthers() throws {
        var dashboard = dashboard()
        #expect(try dashboard.press("jm") == [.mark(2, true)])
        #expect(dashboard.selectedRow.contains("★"))
        #expect(try dashboard.press("m") == [.mark(2, false)])
        #expect(!dashboard.selectedRow.contains("★"))
        #expect(
            try dashboard.press("<enter>m<enter>m<esc>m<esc>") == [.mark(2, true), .mark(2, false), .mark(2, true)]
        )
        #expect(try dashboard.press("XX") == [.clearUnmarked])
        #expect(dashboard.store.list() == [2])
        #expect(try dashboard.press("2X3X<enter>").isEmpty, "X works only in the list that it clears")
    }

    /// After clearing the list, the user knows that requests have come.
    @Test func aClearedListDoesNotSayThatNoRequestCame() throws {
        var dashboard = dashboard()
        try dashboard.press("XX")
        #expect(dashboard.text.contains("The list is cleared") && dashboard.text.contains("curl \(Transcript.url)"))
        #expect(!dashboard.text.contains("No request has come yet"))
    }

    @Test func xClosesTheSelectedConversation() throws {
        var dashboard = dashboard()
        #expect(try dashboard.press("x").isEmpty, "x does nothing in the list of requests")
        dashboard.play { $0.arrive() }
        #expect(try dashboard.press("2x") == [.closeConversation(5)])
        #expect(try dashboard.press("jx").isEmpty)
        #expect(dashboard.lastRow == " this conversation is closed already")
        dashboard = DashboardFixture()
        #expect(try dashboard.press("2x").isEmpty)
    }

    @Test(arguments: ["", "2", "3"])
    func oOpensTheURLAndQShowsItsQRCode(place: String) throws {
        var dashboard = dashboard()
        try dashboard.press(place)
        #expect(try dashboard.press("o") == [.openURL(Transcript.url)])
        try dashboard.press("Q")
        #expect(dashboard.text.contains("█▀▀▀▀▀█") && dashboard.text.contains(Transcript.url))
        for end in ["x", "<esc>", "j", "<enter>", "?"] {
            #expect(try dashboard.press(end).isEmpty, "any key only goes back")
            #expect(dashboard.state.overlay == nil)
            try dashboard.press("Q")
        }
        dashboard = DashboardFixture()
        for key in ["o", "Q"] {
            #expect(try dashboard.press(key).isEmpty)
            #expect(dashboard.lastRow == " ! there is no public URL yet")
        }
    }

    /// Nothing traps, and every picture can be drawn.
    @Test(arguments: [("", true), ("", false), ("<resize:40x8>", true), ("<resize:1x1>", true)])
    func everyKeyIsSafeEverywhere(size: String, hasRequests: Bool) throws {
        let named = [
            "up", "down", "left", "right", "pgup", "pgdn", "home", "end", "enter", "esc", "tab", "s-tab", "bs", "del",
            "wheel-up:3,3", "wheel-down:9,9", "click:2,20", "click:5,5", "paste:x y", "space",
        ]
        let keys = named.map { "<\($0)>" } + "jkgG123prReRd/nNbywmXxoQ?!".map(String.init)
        var dashboard = hasRequests ? dashboard() : DashboardFixture()
        for place in Self.places {
            if hasRequests { dashboard.play { $0.visit("GET /c", replayOf: 3) } }
            for key in keys { try dashboard.press(size + place + key + key + "<esc><esc><esc><esc>1") }
        }
    }
}
