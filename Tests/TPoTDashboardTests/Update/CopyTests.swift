import TestSupport
import Testing

@testable import TPoTDashboard

@Suite struct CopyTests {
    private func dashboard() -> DashboardFixture {
        var dashboard = DashboardFixture()
        dashboard.play { traffic in
            traffic.online()
            traffic.visit("GET /a")
        }
        return dashboard
    }

    @Test(arguments: [
        ("yu", CopiedThing.url("\(Transcript.url)/a", of: 1)), ("yU", .url(Transcript.url, of: nil)), ("yc", .curl(1)),
        ("yb", .body(1, ofResponse: false)),
        ("yh", .head(1, ofResponse: false)), ("<enter>yh", .head(1, ofResponse: false)),
        ("<enter>2yh", .head(1, ofResponse: true)), ("<enter><enter>2yb", .body(1, ofResponse: true)),
        ("<enter>3yb", .body(1, ofResponse: false)), ("<enter>yc", .curl(1)), ("2yu", .url(Transcript.url, of: nil)),
        ("3yu", .url(Transcript.url, of: nil)), ("<enter>yu", .url("\(Transcript.url)/a", of: 1)),
    ])
    func theKeyAfterYChoosesWhatIsCopied(script: String, thing: CopiedThing) throws {
        var dashboard = dashboard()
        #expect(try dashboard.press(script) == [.copy(thing)])
        #expect(dashboard.state.prompt == nil)
    }

    @Test(arguments: ["y<esc>", "yq", "y?", "yj", "y<enter>", "yy"])
    func anyOtherKeyAfterYCopiesNothing(script: String) throws {
        var dashboard = dashboard()
        #expect(try dashboard.press(script).isEmpty)
        #expect(dashboard.state.prompt == nil)
        #expect(dashboard.state.context == .requests)
    }

    @Test func aMessageSaysWhatCannotBeCopied() throws {
        var dashboard = DashboardFixture()
        #expect(try dashboard.press("yu").isEmpty)
        #expect(dashboard.lastRow == " ! there is no public URL yet")
        for key in ["c", "b", "h"] {
            #expect(try dashboard.press("y\(key)").isEmpty)
            #expect(dashboard.lastRow == " no request is selected")
        }
        dashboard = self.dashboard()
        #expect(try dashboard.press("2yc").isEmpty)
        #expect(dashboard.lastRow == " no request is selected")
    }

    /// Another request may arrive between `y` and the next key.
    @Test func yCopiesTheRequestThatWasSelectedWhenYWasPressed() throws {
        var dashboard = dashboard()
        try dashboard.press("y")
        dashboard.play { $0.visit("GET /b") }
        #expect(try dashboard.press("c") == [.copy(.curl(1))])
    }
}
