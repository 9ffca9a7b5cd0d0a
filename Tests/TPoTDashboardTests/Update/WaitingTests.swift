import NIOCore
import TestSupport
import Testing

@testable import TPoTDashboard

/// Holding the traffic and freezing the picture.
@Suite struct WaitingTests {
    private func dashboard() -> DashboardFixture {
        var dashboard = DashboardFixture()
        dashboard.play { traffic in
            traffic.online()
            traffic.visit("GET /a")
        }
        return dashboard
    }

    @Test func pHoldsAndReleasesTheTunnel() throws {
        for place in ["", "2", "3", "1<enter>", "<enter>"] {
            var dashboard = dashboard()
            #expect(try dashboard.press(place + "p") == [.hold(true)])
            #expect(dashboard.row(0).contains("■ held"))
            #expect(try dashboard.press("p") == [.hold(false)])
            #expect(dashboard.row(0).contains("● online"))
        }
    }

    /// The tunnel reports the hold a little later, so its state cannot decide what a quick second press means.
    @Test func twoQuickPressesHoldAndRelease() throws {
        let dashboard = dashboard()
        var state = dashboard.state
        let commands = (1...3).flatMap { _ in DashboardUpdate.update(&state, .key(.character("p")), dashboard.model) }
        #expect(commands == [.hold(true), .hold(false), .hold(true)])
    }

    @Test func spaceFreezesThePictureAndCountsNewRequests() throws {
        for place in ["", "<enter>", "2", "3"] {
            var dashboard = dashboard()
            try dashboard.press(place + "<space>")
            let before = dashboard.text
            dashboard.play { traffic in
                for path in ["/b", "/c"] { traffic.visit("GET \(path)") }
            }
            #expect(dashboard.row(2).contains("frozen, 2 new"), "\(place)")
            #expect(!dashboard.text.contains("/b"))
            #expect(dashboard.row(1) == before.split(separator: "\n")[1])
            try dashboard.press("<space>")
            #expect(dashboard.state.freeze == nil)
        }
    }

    /// An answer that arrives after the freeze is not shown, neither in the list nor in the detail.
    @Test func aFrozenRowStaysAsItWas() throws {
        var dashboard = dashboard()
        dashboard.play { traffic in
            traffic.arrive()
            traffic.ask("GET /slow")
        }
        try dashboard.press("<enter>2<space>")
        dashboard.play { $0.reply("200 OK") }
        #expect(dashboard.selectedRow.contains("…"))
        #expect(dashboard.text.contains("no answer yet"))
        try dashboard.press("<space>")
        #expect(dashboard.selectedRow.contains(" 200 "))
        #expect(dashboard.text.contains("HTTP/1.1 200 OK"))
    }

    @Test func movingFilteringAndMarkingWorkInAFrozenPicture() throws {
        var dashboard = dashboard()
        dashboard.play { $0.visit("POST /b") }
        try dashboard.press("<space>")
        dashboard.play { $0.visit("POST /c") }
        try dashboard.press("jm")
        #expect(dashboard.selectedRow.contains("★") && dashboard.selectedRow.contains("/a"))
        try dashboard.press("/post<enter>")
        #expect(dashboard.selectedRow.contains("/b") && !dashboard.text.contains("/c"))
        try dashboard.press("2g")
        #expect(dashboard.selectedRow.contains("/b"))
        try dashboard.press("<enter>")
        #expect(dashboard.text.contains("── 2 POST /b "))
    }

    @Test func theLogIsFrozenToo() throws {
        var dashboard = dashboard()
        dashboard.log.append(LogLine(unixNanoseconds: 0, level: .info, text: "before"))
        try dashboard.press("3<space>")
        dashboard.log.append(LogLine(unixNanoseconds: 0, level: .info, text: "after"))
        dashboard.draw()
        #expect(dashboard.text.contains("before") && !dashboard.text.contains("after"))
    }

    /// A running time shows tenths while it is visible and shorter than a minute.
    @Test func thePictureIsDueEveryTenthWhileTenthsAreShown() throws {
        var dashboard = dashboard()
        func next() throws -> TimeAmount { try #require(dashboard.draw().nextChange) - dashboard.model.now.monotonic }
        #expect(try next() > .milliseconds(100))
        dashboard.play { traffic in
            traffic.arrive(isHeld: true)
            traffic.ask("GET /held")
        }
        #expect(try next() <= .milliseconds(100))
        try dashboard.press("<space>")
        #expect(try next() > .milliseconds(100), "frozen")
        try dashboard.press("<space>2")
        #expect(try next() > .milliseconds(100), "the time is not visible")
        try dashboard.press("1")
        dashboard.wait(milliseconds: 60_000)
        #expect(try next() > .milliseconds(100))
        dashboard.play { $0.leave() }
        #expect(try next() > .milliseconds(100))
    }

    @Test func thePictureSaysWhenItHasToBeDrawnAgain() throws {
        var dashboard = DashboardFixture()
        #expect(dashboard.draw().nextChange == nil, "nothing is under way")
        dashboard.play { $0.online() }
        let next = try #require(dashboard.draw().nextChange)
        #expect(next - dashboard.model.now.monotonic <= .seconds(1), "the uptime")
        dashboard.play { traffic in
            traffic.arrive(isHeld: true)
            traffic.ask("GET /held")
        }
        let tenth = try #require(dashboard.draw().nextChange)
        #expect(tenth - dashboard.model.now.monotonic == .milliseconds(100), "the time held")
        dashboard.wait(milliseconds: 60_000)
        let later = try #require(dashboard.draw().nextChange)
        #expect(later - dashboard.model.now.monotonic > .milliseconds(100), "minutes and seconds")
        dashboard.post(DashboardMessage("a word"))
        dashboard.wait(milliseconds: 4900)
        #expect(dashboard.lastRow == " a word")
        dashboard.wait(milliseconds: 200)
        #expect(dashboard.lastRow != " a word")
        dashboard.post(DashboardMessage("a failure", isFailure: true))
        dashboard.wait(milliseconds: 9900)
        #expect(dashboard.lastRow == " ! a failure")
        try dashboard.press("j")
        #expect(dashboard.lastRow != " ! a failure", "a key removes the message")
    }
}
