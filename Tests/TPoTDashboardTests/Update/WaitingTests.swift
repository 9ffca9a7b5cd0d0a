import NIOCore
import TestSupport
import Testing

@testable import TPoTDashboard

/// Hold, which makes traffic wait, and freeze, which makes the picture wait.
@Suite struct WaitingTests {
    private func desk() -> Desk {
        var desk = Desk()
        desk.happen { traffic in
            traffic.online()
            traffic.visit("GET /a")
        }
        return desk
    }

    @Test func pHoldsAndLetsGo() throws {
        for place in ["", "2", "3", "1<enter>", "<enter>"] {
            var desk = desk()
            #expect(try desk.press(place + "p") == [.hold(true)])
            #expect(desk.row(0).contains("■ held"))
            #expect(try desk.press("p") == [.hold(false)])
            #expect(desk.row(0).contains("● online"))
        }
    }

    /// The tunnel tells a little later that it holds.
    @Test func pressedTwiceAtOnceMeansOnAndOff() throws {
        let desk = desk()
        var state = desk.state
        let commands = (1...3).flatMap { _ in DashboardUpdate.update(&state, .key(.character("p")), desk.model) }
        #expect(commands == [.hold(true), .hold(false), .hold(true)])
    }

    @Test func spaceFreezesThePictureAndCountsWhatComes() throws {
        for place in ["", "<enter>", "2", "3"] {
            var desk = desk()
            try desk.press(place + "<space>")
            let before = desk.text
            desk.happen { traffic in
                for path in ["/b", "/c"] { traffic.visit("GET \(path)") }
            }
            #expect(desk.row(2).contains("frozen, 2 new"), "\(place)")
            #expect(!desk.text.contains("/b"))
            #expect(desk.row(1) == before.split(separator: "\n")[1])
            try desk.press("<space>")
            #expect(desk.state.freeze == nil)
        }
    }

    /// An answer that comes after the freeze is not in the picture, whatever is opened.
    @Test func aFrozenRowStaysAsItWas() throws {
        var desk = desk()
        desk.happen { traffic in
            traffic.arrive()
            traffic.ask("GET /slow")
        }
        try desk.press("<enter>2<space>")
        desk.happen { $0.reply("200 OK") }
        #expect(desk.selectedRow.contains("…"))
        #expect(desk.text.contains("no answer yet"))
        try desk.press("<space>")
        #expect(desk.selectedRow.contains(" 200 "))
        #expect(desk.text.contains("HTTP/1.1 200 OK"))
    }

    @Test func inAFrozenPictureOneCanMoveFilterAndMark() throws {
        var desk = desk()
        desk.happen { $0.visit("POST /b") }
        try desk.press("<space>")
        desk.happen { $0.visit("POST /c") }
        try desk.press("jm")
        #expect(desk.selectedRow.contains("★") && desk.selectedRow.contains("/a"))
        try desk.press("/post<enter>")
        #expect(desk.selectedRow.contains("/b") && !desk.text.contains("/c"))
        try desk.press("2g")
        #expect(desk.selectedRow.contains("/b"))
        try desk.press("<enter>")
        #expect(desk.text.contains("── 2 POST /b ──"))
    }

    @Test func theLogIsFrozenAsWell() throws {
        var desk = desk()
        desk.log.append(LogLine(unixNanoseconds: 0, level: .info, text: "before"))
        try desk.press("3<space>")
        desk.log.append(LogLine(unixNanoseconds: 0, level: .info, text: "after"))
        desk.draw()
        #expect(desk.text.contains("before") && !desk.text.contains("after"))
    }

    /// Tenths that are shown count; after a minute, or when it is over, they are gone.
    @Test func aTimeInTenthsIsDrawnInTenths() throws {
        var desk = desk()
        func next() throws -> TimeAmount { try #require(desk.draw().nextChange) - desk.model.now.monotonic }
        #expect(try next() > .milliseconds(100))
        desk.happen { traffic in
            traffic.arrive(isHeld: true)
            traffic.ask("GET /held")
        }
        #expect(try next() <= .milliseconds(100))
        try desk.press("<space>")
        #expect(try next() > .milliseconds(100), "frozen")
        try desk.press("<space>2")
        #expect(try next() > .milliseconds(100), "not to be seen")
        try desk.press("1")
        desk.wait(milliseconds: 60_000)
        #expect(try next() > .milliseconds(100))
        desk.happen { $0.leave() }
        #expect(try next() > .milliseconds(100))
    }

    /// Times go on only where they are looked at.
    @Test func thePictureSaysWhenItChangesByItself() throws {
        var desk = Desk()
        #expect(desk.draw().nextChange == nil, "nothing is under way")
        desk.happen { $0.online() }
        let next = try #require(desk.draw().nextChange)
        #expect(next - desk.model.now.monotonic <= .seconds(1), "the time up")
        desk.happen { traffic in
            traffic.arrive(isHeld: true)
            traffic.ask("GET /held")
        }
        let tenth = try #require(desk.draw().nextChange)
        #expect(tenth - desk.model.now.monotonic == .milliseconds(100), "the time held")
        desk.wait(milliseconds: 60_000)
        let later = try #require(desk.draw().nextChange)
        #expect(later - desk.model.now.monotonic > .milliseconds(100), "minutes and seconds")
        desk.tell(DashboardMessage("a word"))
        desk.wait(milliseconds: 4900)
        #expect(desk.lastRow == " a word")
        desk.wait(milliseconds: 200)
        #expect(desk.lastRow != " a word")
        desk.tell(DashboardMessage("a failure", isFailure: true))
        desk.wait(milliseconds: 9900)
        #expect(desk.lastRow == " ! a failure")
        try desk.press("j")
        #expect(desk.lastRow != " ! a failure", "a key takes it away")
    }
}
