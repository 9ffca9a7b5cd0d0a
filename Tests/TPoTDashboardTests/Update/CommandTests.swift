import TPoTCapture
import TestSupport
import Testing

@testable import TPoTDashboard

/// Keys that ask the rest of the program for something.
@Suite struct CommandTests {
    private func desk() -> Desk {
        var desk = Desk()
        desk.happen { traffic in
            traffic.online()
            for path in ["/a", "/b", "/c"] { traffic.visit("GET \(path)") }
        }
        return desk
    }

    /// Wherever something is typed, asked or shown.
    private static let places = [
        "", "2", "3", "<enter>", "<enter><enter>", "/ab", "<enter>/ab", "R1", "y", "?", "Q", "d",
    ]

    @Test(arguments: places)
    func controlKeysWorkEverywhere(place: String) throws {
        var desk = desk()
        desk.happen { $0.visit("GET /c", replayOf: 3) }
        try desk.press(place)
        #expect(try desk.press("<c-c>") == [.quit(.quit)])
        #expect(try desk.press("<c-z>") == [.suspend])
        #expect(try desk.press("<c-l>") == [.redraw])
        #expect(try desk.press("<resumed>") == [.redraw])
        #expect(try desk.press("<terminate>") == [.quit(.terminate)])
        #expect(try desk.press("<hangup>") == [.quit(.hangUp)])
        #expect(try desk.press("<resize:100x30>").isEmpty)
        #expect(desk.screen.size == ScreenSize(width: 100, height: 30))
    }

    @Test(arguments: ["", "2", "3", "<enter>", "<enter><enter>"])
    func qQuits(place: String) throws {
        var desk = desk()
        #expect(try desk.press(place + "q") == [.quit(.quit)])
    }

    @Test(arguments: ["?", "Q", "y"])
    func whereSomethingIsInFrontQClosesThat(key: String) throws {
        var desk = desk()
        #expect(try desk.press(key + "q").isEmpty)
        #expect(desk.state.overlay == nil && desk.state.prompt == nil)
    }

    @Test(arguments: ["", "2", "3", "<enter>", "<enter><enter>"])
    func helpOpensAndCloses(place: String) throws {
        for end in ["<esc>", "?", "q"] {
            var desk = desk()
            try desk.press(place)
            let before = desk.screen
            try desk.press("?")
            #expect(desk.row(0).hasPrefix("── Keys ──"))
            try desk.press("jk<pgdn><pgup>gG<home><end><wheel-down><wheel-up>rexX" + end)
            #expect(desk.screen == before)
        }
    }

    /// At the end of the help one step back is one line, not the many that were pressed too far.
    @Test func helpDoesNotScrollBeyondItsEnd() throws {
        var desk = desk()
        try desk.press("?G<pgdn>jj")
        let end = desk.text
        try desk.press("k")
        #expect(desk.text != end)
        try desk.press("j")
        #expect(desk.text == end)
    }

    @Test func wWritesWhatTheFilterShows() throws {
        var desk = desk()
        #expect(try desk.press("w") == [.writeHAR(.all)])
        #expect(try desk.press("/path:/a<enter>w") == [.writeHAR(CaptureFilter("path:/a"))])
        #expect(
            try desk.press("<enter>w<enter>w") == [
                .writeHAR(CaptureFilter("path:/a")), .writeHAR(CaptureFilter("path:/a")),
            ]
        )
        #expect(try desk.press("<esc><esc>2w3w").count == 2)
    }

    @Test func mMarksAndXClearsTheOthers() throws {
        var desk = desk()
        #expect(try desk.press("jm") == [.mark(2, true)])
        #expect(desk.selectedRow.contains("★"))
        #expect(try desk.press("m") == [.mark(2, false)])
        #expect(!desk.selectedRow.contains("★"))
        #expect(try desk.press("<enter>m<enter>m<esc>m<esc>") == [.mark(2, true), .mark(2, false), .mark(2, true)])
        #expect(try desk.press("X") == [.clearUnmarked])
        #expect(desk.store.list() == [2])
        #expect(try desk.press("2X3X<enter>").isEmpty, "only where it can be seen what goes")
    }

    /// Whoever has just cleared the list knows that something came.
    @Test func aClearedListIsNotOneInWhichNothingCame() throws {
        var desk = desk()
        try desk.press("X")
        #expect(desk.text.contains("The list is cleared") && desk.text.contains("curl \(Transcript.url)"))
        #expect(!desk.text.contains("No request has come yet"))
    }

    @Test func xClosesTheSelectedConversation() throws {
        var desk = desk()
        #expect(try desk.press("x").isEmpty, "no key of the requests")
        desk.happen { $0.arrive() }
        #expect(try desk.press("2x") == [.closeConversation(5)])
        #expect(try desk.press("jx").isEmpty)
        #expect(desk.lastRow == " this conversation is closed already")
        desk = Desk()
        #expect(try desk.press("2x").isEmpty)
    }

    @Test(arguments: ["", "2", "3"])
    func oOpensAndQShowsTheURL(place: String) throws {
        var desk = desk()
        try desk.press(place)
        #expect(try desk.press("o") == [.openURL(Transcript.url)])
        try desk.press("Q")
        #expect(desk.text.contains("█▀▀▀▀▀█") && desk.text.contains(Transcript.url))
        for end in ["x", "<esc>", "j", "<enter>", "?"] {
            #expect(try desk.press(end).isEmpty, "any key goes back, and does nothing else")
            #expect(desk.state.overlay == nil)
            try desk.press("Q")
        }
        desk = Desk()
        for key in ["o", "Q"] {
            #expect(try desk.press(key).isEmpty)
            #expect(desk.lastRow == " ! there is no public URL yet")
        }
    }

    /// Every key in every place: nothing traps, and every picture can be drawn.
    @Test(arguments: [("", true), ("", false), ("<resize:40x8>", true), ("<resize:1x1>", true)])
    func everyKeyEverywhere(size: String, hasRequests: Bool) throws {
        let named = [
            "up", "down", "left", "right", "pgup", "pgdn", "home", "end", "enter", "esc", "tab", "s-tab", "bs", "del",
            "wheel-up:3,3", "wheel-down:9,9", "click:2,20", "click:5,5", "paste:x y", "space",
        ]
        let keys = named.map { "<\($0)>" } + "jkgG123prReRd/nNbywmXxoQ?".map(String.init)
        var desk = hasRequests ? desk() : Desk()
        for place in Self.places {
            if hasRequests { desk.happen { $0.visit("GET /c", replayOf: 3) } }
            for key in keys { try desk.press(size + place + key + key + "<esc><esc><esc><esc>1") }
        }
    }
}
