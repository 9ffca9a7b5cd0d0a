import TestSupport
import Testing

@testable import TPoTDashboard

@Suite struct PaletteTests {
    private func dashboard(_ width: Int = 80, _ height: Int = 24) -> DashboardFixture {
        var dashboard = DashboardFixture(width: width, height: height)
        dashboard.play { traffic in
            traffic.online()
            for number in 1...5 { traffic.visit("GET /\(number)") }
        }
        return dashboard
    }

    @Test(arguments: [
        (":qr<enter>", "Q"), (":again<enter>", "r"), (":curl<enter>", "yc"), (":several<enter>3<enter>", "R3<enter>"),
        (":list: log<enter>", "3"), (":sort<enter>", "s"), (":mark<enter>", "m"), (":fail<enter>", "!"),
        ("<enter>:hex<enter>", "<enter>b"), ("<enter>:rows list<enter>", "<enter>+"), (":q<enter>", "q"),
        (":R<enter>", "R"), ("j:read<enter>", "j<enter>"), (":<esc>j", "j"), (":x<bs><bs>j", "j"),
        (":nothing<enter><esc>", ""),
    ])
    func aCommandDoesWhatItsKeyDoes(script: String, keys: String) throws {
        var one = dashboard()
        var other = dashboard()
        #expect(try one.press(script) == other.press(keys))
        #expect(one.text == other.text)
        #expect(one.state.context == other.state.context)
    }

    @Test func arrowsAndTheMouseChoose() throws {
        var dashboard = dashboard()
        try dashboard.press(":copy<down><down>")
        let chosen = try #require(dashboard.screen.text.firstIndex { $0.hasPrefix("▸ y") })
        #expect(dashboard.row(chosen) == "▸ y U      copy the public URL")
        try dashboard.press("<up><up><up>")
        #expect(dashboard.row(chosen - 2).hasPrefix("▸ y        copy …"), "it stops at the first")
        let commands = try dashboard.press("<click:\(chosen),20>")
        #expect(commands == [.copy(.url(try #require(dashboard.store.tunnel.url), of: nil))])
        #expect(dashboard.state.prompt == nil)
        try dashboard.press(":<click:3,3>")
        #expect(dashboard.state.prompt == nil, "a click beside it closes it")
    }

    @Test func whatCannotBeDoneSaysWhy() throws {
        var dashboard = DashboardFixture()
        dashboard.play { $0.online() }
        try dashboard.press(":again")
        #expect(dashboard.text.contains("send it again  nothing is selected that can be sent again"))
        #expect(try dashboard.press("<enter>").isEmpty)
        #expect(dashboard.lastRow.contains("no request is selected"))
    }

    @Test(arguments: [(40, 8), (60, 20), (80, 24), (120, 36), (200, 50)])
    func theChosenCommandIsAlwaysSeen(width: Int, height: Int) throws {
        var dashboard = dashboard(width, height)
        try dashboard.press(":")
        let count = PaletteEntry.all(in: .requests).count
        for _ in 0...count {
            #expect(dashboard.screen.text.contains { $0.hasPrefix("▸") })
            try dashboard.press("<down>")
        }
        #expect(dashboard.text.contains(" \(count) of \(count) "))
        for _ in 0...count { try dashboard.press("<pgup>") }
        #expect(dashboard.text.contains(" 1 of \(count) "))
    }
}
