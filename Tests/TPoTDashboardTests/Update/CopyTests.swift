import TestSupport
import Testing

@testable import TPoTDashboard

@Suite struct CopyTests {
    private func desk() -> Desk {
        var desk = Desk()
        desk.happen { traffic in
            traffic.online()
            traffic.visit("GET /a")
        }
        return desk
    }

    @Test(arguments: [
        ("yu", CopiedThing.url("\(Transcript.url)/a", of: 1)), ("yU", .url(Transcript.url, of: nil)), ("yc", .curl(1)),
        ("yb", .body(1, ofResponse: false)),
        ("yh", .head(1, ofResponse: false)), ("<enter>yh", .head(1, ofResponse: false)),
        ("<enter>2yh", .head(1, ofResponse: true)), ("<enter><enter>2yb", .body(1, ofResponse: true)),
        ("<enter>3yb", .body(1, ofResponse: false)), ("<enter>yc", .curl(1)), ("2yu", .url(Transcript.url, of: nil)),
        ("3yu", .url(Transcript.url, of: nil)), ("<enter>yu", .url("\(Transcript.url)/a", of: 1)),
    ])
    func yThenWhat(script: String, thing: CopiedThing) throws {
        var desk = desk()
        #expect(try desk.press(script) == [.copy(thing)])
        #expect(desk.state.prompt == nil)
    }

    @Test(arguments: ["y<esc>", "yq", "y?", "yj", "y<enter>", "yy"])
    func anythingElseIsNothing(script: String) throws {
        var desk = desk()
        #expect(try desk.press(script).isEmpty)
        #expect(desk.state.prompt == nil)
        #expect(desk.state.context == .requests)
    }

    @Test func whatIsNotThereIsSaid() throws {
        var desk = Desk()
        #expect(try desk.press("yu").isEmpty)
        #expect(desk.lastRow == " ! there is no public URL yet")
        for key in ["c", "b", "h"] {
            #expect(try desk.press("y\(key)").isEmpty)
            #expect(desk.lastRow == " no request is selected")
        }
        desk = self.desk()
        #expect(try desk.press("2yc").isEmpty)
        #expect(desk.lastRow == " no request is selected")
    }

    /// Between `y` and the next key another request may have come.
    @Test func theRequestIsTheOneThatWasSelectedThen() throws {
        var desk = desk()
        try desk.press("y")
        desk.happen { $0.visit("GET /b") }
        #expect(try desk.press("c") == [.copy(.curl(1))])
    }
}
