import TestSupport
import Testing

@testable import TPoTDashboard

@Suite struct FilterTests {
    private func dashboard() -> DashboardFixture {
        var dashboard = DashboardFixture()
        dashboard.play { traffic in
            traffic.online()
            traffic.visit("GET /a")
            traffic.visit("POST /b", "500 Oops")
            traffic.visit("POST /q space?")
        }
        return dashboard
    }

    @Test func aFilterNarrowsTheListWhileTheUserTypes() throws {
        var dashboard = dashboard()
        try dashboard.press("/post")
        #expect(dashboard.text.contains("2 of 3"))
        try dashboard.press(" status:5")
        #expect(dashboard.text.contains("1 of 3") && dashboard.selectedRow.contains("/b"))
        try dashboard.press("<enter>")
        #expect(dashboard.state.prompt == nil && dashboard.text.contains("filter: post status:5"))
    }

    /// These keys have a meaning outside of the prompt.
    @Test(arguments: ["q", "?", "p", " ", "r", "x", "X", "/", "Q", "y", "1", "g", "b"])
    func lettersAreTypedIntoTheFilter(key: String) throws {
        var dashboard = dashboard()
        #expect(try dashboard.press("/" + key).isEmpty)
        #expect(dashboard.state.filter.text == key)
        #expect(!dashboard.store.tunnel.isHolding && dashboard.state.freeze == nil)
    }

    @Test func escClearsTheFilter() throws {
        var dashboard = dashboard()
        try dashboard.press("/post<esc>")
        #expect(dashboard.state.filter.isEmpty && dashboard.state.prompt == nil)
        try dashboard.press("/post<enter><esc>")
        #expect(dashboard.state.filter.isEmpty, "esc in the list clears the filter too")
        try dashboard.press("/post<enter>2<esc>")
        #expect(!dashboard.state.filter.isEmpty, "esc in another list, which does not show the filter, keeps it")
        try dashboard.press("1/<bs><bs><bs><bs>")
        #expect(dashboard.state.prompt != nil && dashboard.state.filter.isEmpty)
        try dashboard.press("<bs>")
        #expect(dashboard.state.prompt == nil, "backspace in an empty prompt closes it")
    }

    @Test func aTypedFilterCanBeEdited() throws {
        var dashboard = dashboard()
        try dashboard.press("/post<enter>/")
        #expect(dashboard.lastRow.hasPrefix(" filter: post"))
        try dashboard.press("<home>-<end>x<bs>")
        #expect(dashboard.state.filter.text == "-post")
        try dashboard.press("<c-a><c-k>get<c-w>put<left><left><del><right><c-e>!")
        #expect(dashboard.state.filter.text == "pt!")
        try dashboard.press("<c-u><paste:two\nlines>")
        #expect(dashboard.state.filter.text == "two lines")
    }

    @Test func theListCanBeScrolledWhileTyping() throws {
        var dashboard = dashboard()
        try dashboard.press("/method:post<pgdn>")
        #expect(dashboard.state.selected == 2)
        try dashboard.press("<pgup><pgdn><pgup><wheel-down>")
        #expect(dashboard.state.selected == 2)
        try dashboard.press("<wheel-up><click:5,5>")
        #expect(dashboard.state.selected == 3, "clicks do nothing while the user types")
    }

    @Test func aFilterFromAnotherListSwitchesToTheRequests() throws {
        var dashboard = dashboard()
        try dashboard.press("2/post<enter>")
        #expect(dashboard.state.list == .requests)
        try dashboard.press("3/<c-u>get<enter>")
        #expect(dashboard.state.list == .requests)
        #expect(dashboard.text.contains("1 of 3"))
    }

    @Test func aHintExplainsALikelyMistake() throws {
        var dashboard = dashboard()
        try dashboard.press("/statsu:500")
        #expect(dashboard.lastRow.contains("no filter statsu"))
        try dashboard.press("<c-u>status:abc")
        #expect(dashboard.lastRow.hasSuffix("status takes 404, 5xx, >=400, none or waiting"))
    }

    @Test func newRequestsThatDoNotMatchAreHidden() throws {
        var dashboard = dashboard()
        try dashboard.press("/post<enter>")
        dashboard.play { traffic in
            traffic.visit("GET /c")
            traffic.visit("POST /d")
        }
        #expect(dashboard.text.contains("3 of 5"))
        #expect(dashboard.state.selected == 5)
    }

    @Test func aSearchInTheTextDoesNotChangeTheFilter() throws {
        var dashboard = dashboard()
        try dashboard.press("<enter>/host<enter>")
        #expect(dashboard.state.filter.isEmpty)
        #expect(dashboard.state.detail?.search?.hit != nil)
        try dashboard.press("/<esc>")
        #expect(dashboard.state.detail?.search == nil && dashboard.state.detail != nil)
        try dashboard.press("n")
        #expect(dashboard.lastRow == " no search yet: / starts one")
        try dashboard.press("/host<enter>/<enter>")
        #expect(dashboard.state.detail?.search == nil, "an empty search ends the search")
    }
}
