import TestSupport
import Testing

@testable import TPoTDashboard

@Suite struct FilterTests {
    private func desk() -> Desk {
        var desk = Desk()
        desk.happen { traffic in
            traffic.online()
            traffic.visit("GET /a")
            traffic.visit("POST /b", "500 Oops")
            traffic.visit("POST /q space?")
        }
        return desk
    }

    @Test func itNarrowsTheListAsItIsTyped() throws {
        var desk = desk()
        try desk.press("/post")
        #expect(desk.text.contains("2 of 3"))
        try desk.press(" status:5")
        #expect(desk.text.contains("1 of 3") && desk.selectedRow.contains("/b"))
        try desk.press("<enter>")
        #expect(desk.state.prompt == nil && desk.text.contains("filter: post status:5"))
    }

    /// Keys that mean something elsewhere are letters here.
    @Test(arguments: ["q", "?", "p", " ", "r", "x", "X", "/", "Q", "y", "1", "g", "b"])
    func lettersAreTyped(key: String) throws {
        var desk = desk()
        #expect(try desk.press("/" + key).isEmpty)
        #expect(desk.state.filter.text == key)
        #expect(!desk.store.tunnel.isHolding && desk.state.freeze == nil)
    }

    @Test func escClears() throws {
        var desk = desk()
        try desk.press("/post<esc>")
        #expect(desk.state.filter.isEmpty && desk.state.prompt == nil)
        try desk.press("/post<enter><esc>")
        #expect(desk.state.filter.isEmpty, "in the list, too")
        try desk.press("/post<enter>2<esc>")
        #expect(!desk.state.filter.isEmpty, "not from another list, where it cannot be seen")
        try desk.press("1/<bs><bs><bs><bs>")
        #expect(desk.state.prompt != nil && desk.state.filter.isEmpty)
        try desk.press("<bs>")
        #expect(desk.state.prompt == nil, "nothing left to take away")
    }

    @Test func whatWasTypedCanBeChanged() throws {
        var desk = desk()
        try desk.press("/post<enter>/")
        #expect(desk.lastRow.hasPrefix(" filter: post"))
        try desk.press("<home>-<end>x<bs>")
        #expect(desk.state.filter.text == "-post")
        try desk.press("<c-a><c-k>get<c-w>put<left><left><del><right><c-e>!")
        #expect(desk.state.filter.text == "pt!")
        try desk.press("<c-u><paste:two\nlines>")
        #expect(desk.state.filter.text == "two lines")
    }

    @Test func theListCanBeLookedThroughMeanwhile() throws {
        var desk = desk()
        try desk.press("/o<down>")
        #expect(desk.state.selected == 2)
        try desk.press("<up><pgdn><pgup><wheel-down>")
        #expect(desk.state.selected == 2)
        try desk.press("<wheel-up><click:5,5>")
        #expect(desk.state.selected == 3, "a click does nothing while something is typed")
    }

    @Test func fromAnotherListItLeadsToTheRequests() throws {
        var desk = desk()
        try desk.press("2/post<enter>")
        #expect(desk.state.list == .requests)
        try desk.press("3/<c-u>get<enter>")
        #expect(desk.state.list == .requests)
        #expect(desk.text.contains("1 of 3"))
    }

    @Test func aHintSaysWhatMayBeMeant() throws {
        var desk = desk()
        try desk.press("/statsu:500")
        #expect(desk.lastRow.contains("no filter statsu"))
        try desk.press("<c-u>status:abc")
        #expect(desk.lastRow.hasSuffix("status takes 404, 5xx, >=400, none or waiting"))
    }

    @Test func newRequestsThatDoNotMatchStayAway() throws {
        var desk = desk()
        try desk.press("/post<enter>")
        desk.happen { traffic in
            traffic.visit("GET /c")
            traffic.visit("POST /d")
        }
        #expect(desk.text.contains("3 of 5"))
        #expect(desk.state.selected == 5)
    }

    @Test func aSearchInTheTextIsNoFilter() throws {
        var desk = desk()
        try desk.press("<enter>/host<enter>")
        #expect(desk.state.filter.isEmpty)
        #expect(desk.state.detail?.search?.hit != nil)
        try desk.press("/<esc>")
        #expect(desk.state.detail?.search == nil && desk.state.detail != nil)
        try desk.press("n")
        #expect(desk.lastRow == " no search yet: / starts one")
        try desk.press("/host<enter>/<enter>")
        #expect(desk.state.detail?.search == nil, "searching for nothing ends it")
    }
}
