import NIOCore
import TestSupport
import Testing

@testable import TPoTDashboard

@Suite struct DetailTests {
    private func dashboard(height: Int = 24, memoryBytes: Int = 1 << 26) -> DashboardFixture {
        var dashboard = DashboardFixture(height: height, memoryBytes: memoryBytes)
        dashboard.play { traffic in
            traffic.online()
            for number in 1...5 { traffic.visit("GET /\(number)") }
            traffic.arrive()
            traffic.ask("POST /long", body: Array((1...200).map { "line \($0)\n" }.joined().utf8))
        }
        return dashboard
    }

    @Test func enterOpensTheSplitThenTheFullScreenAndEscGoesBack() throws {
        var dashboard = dashboard()
        #expect(dashboard.state.context == .requests)
        try dashboard.press("<enter>")
        #expect(dashboard.state.context == .split)
        try dashboard.press("<enter>")
        #expect(dashboard.state.context == .detail)
        try dashboard.press("<enter>")
        #expect(dashboard.state.context == .detail)
        try dashboard.press("<esc>")
        #expect(dashboard.state.context == .split)
        try dashboard.press("<esc>")
        #expect(dashboard.state.context == .requests)
    }

    @Test func aTextScrolledToItsEndFollowsNewLines() throws {
        var dashboard = dashboard()
        func say(_ range: ClosedRange<Int>) {
            let lines = range.map { "data: \($0)\n\n" }.joined()
            dashboard.play { $0.add(.responseBody(.bytes(ByteBuffer(string: lines)))) }
        }
        dashboard.play { $0.reply("200 OK", ["Content-Type: text/plain"], ends: false) }
        say(1...30)
        try dashboard.press("<enter><enter>2")
        say(31...31)
        #expect(!dashboard.text.contains("data: 31"), "a text at its beginning does not scroll")
        try dashboard.press("G")
        say(32...40)
        #expect(dashboard.text.contains("data: 40"))
        try dashboard.press("k")
        say(41...45)
        #expect(dashboard.text.contains("data: 39") && !dashboard.text.contains("data: 45"))
        try dashboard.press("<end>1")
        #expect(dashboard.text.contains("POST /long"))
    }

    @Test func withoutRoomForASplitTheDetailFillsTheScreenAtOnce() throws {
        var dashboard = dashboard(height: 12)
        try dashboard.press("<enter>")
        #expect(dashboard.state.context == .detail)
        try dashboard.press("<resize:80x30>")
        #expect(dashboard.state.context == .split)
        try dashboard.press("<resize:80x12><esc>")
        #expect(dashboard.state.context == .requests)
    }

    @Test(arguments: [
        ("", DetailState.Tab.request), ("<tab>", .response), ("<right><right>", .timing), ("<s-tab>", .timing),
        ("<left><left>", .response), ("3", .timing), ("31", .request), ("<tab><tab><tab>", .request), ("2", .response),
    ])
    func keysSwitchTabs(script: String, tab: DetailState.Tab) throws {
        for opening in ["<enter>", "<enter><enter>"] {
            var dashboard = dashboard()
            try dashboard.press(opening + script)
            #expect(dashboard.state.detail?.tab == tab)
            #expect(dashboard.state.list == .requests)
        }
    }

    @Test(arguments: [
        ("", DashboardState.List.requests), ("<tab>", .conversations), ("<right><right>", .log), ("<s-tab>", .timeline),
        ("<left><left>", .log), ("2", .conversations), ("3", .log), ("31", .requests), ("4", .timeline),
        ("t", .timeline),
    ])
    func keysSwitchLists(script: String, list: DashboardState.List) throws {
        var dashboard = dashboard()
        try dashboard.press(script)
        #expect(dashboard.state.list == list)
    }

    @Test func inTheSplitKeysMoveTheTextAndJAndKTheList() throws {
        var dashboard = dashboard()
        try dashboard.press("<enter><pgdn>")
        #expect(dashboard.text.contains("line 15") && !dashboard.text.contains("HTTP/1.1"))
        try dashboard.press("<end>")
        #expect(dashboard.text.contains("line 200"))
        try dashboard.press("<home>jj")
        #expect(dashboard.text.contains("line 3 of"))
        try dashboard.press("g<c-d>")
        #expect(dashboard.text.contains("line 7 of"))
        try dashboard.press("<c-u>")
        #expect(dashboard.text.contains("line 1 of"))
        try dashboard.press("J")
        #expect(dashboard.text.contains("── 5 GET /5 "))
        try dashboard.press("K")
        #expect(dashboard.text.contains("── 6 POST /long "))
        try dashboard.press("<wheel-down:6,3>")
        #expect(dashboard.state.selected == 3)
        try dashboard.press("KKK<wheel-down:18,3>")
        #expect(dashboard.state.selected == 6 && dashboard.text.contains("line 4 of"))
    }

    @Test func theBodyIsWhatOneSeesFirst() throws {
        var dashboard = DashboardFixture()
        let members = (1...20).map { #""field_\#($0)": \#($0)"# }.joined(separator: ",")
        dashboard.play { traffic in
            traffic.online()
            for number in 1...9 { traffic.visit("GET /\(number)") }
            traffic.arrive()
            let fields = (1...10).map { "X-Header-\($0): value" } + [Transcript.json]
            traffic.ask("POST /hook", fields, body: Array(#"{"type": "invoice.payment_failed", \#(members)}"#.utf8))
        }
        try dashboard.press("<enter>")
        #expect(dashboard.text.contains(#""type": "invoice.payment_failed""#))
        #expect(dashboard.text.contains("▸ 13 headers   json "))
        #expect(dashboard.screen.text.count { $0.contains("field_") || $0.contains(#""type""#) } >= 12)
        try dashboard.press("h")
        #expect(dashboard.text.contains("X-Header-1: value") && dashboard.text.contains("▾ 13 headers"))
        try dashboard.press("h")
        #expect(!dashboard.text.contains("X-Header-1: value"))
    }

    @Test(arguments: [(140, 24), (200, 50), (80, 40)])
    func requestAndResponseAreVisibleTogetherWhereThereIsRoom(width: Int, height: Int) throws {
        var dashboard = DashboardFixture(width: width, height: height)
        dashboard.play { traffic in
            traffic.online()
            traffic.arrive()
            traffic.ask("POST /hook", [Transcript.json], body: Array(#"{"question": 1}"#.utf8))
            traffic.reply("200 OK", [Transcript.json], body: Array(#"{"answer": 2}"#.utf8))
        }
        try dashboard.press("<enter>")
        #expect(dashboard.text.contains(#""question": 1"#) && dashboard.text.contains(#""answer": 2"#))
        #expect(dashboard.text.contains("[REQUEST]") && dashboard.text.contains(" RESPONSE "))
        try dashboard.press("<tab>")
        #expect(dashboard.text.contains("[RESPONSE]") && dashboard.state.detail?.tab == .response)
        try dashboard.press("<tab>")
        #expect(dashboard.state.detail?.tab == .request)
        try dashboard.press("3")
        #expect(dashboard.text.contains("came at") && !dashboard.text.contains("question"))
    }

    @Test func nodesOfJSONFold() throws {
        var dashboard = DashboardFixture(height: 30)
        let body = #"{"a": {"b": [1, 2, 3], "needle": 1}, "c": {"d": 1}, "e": []}"#
        dashboard.play { traffic in
            traffic.online()
            traffic.arrive()
            traffic.ask("POST /hook", [Transcript.json], body: Array(body.utf8))
        }
        try dashboard.press("<enter>z")
        #expect(dashboard.text.contains(#""a": { 2 keys },"#) && !dashboard.text.contains("needle"))
        try dashboard.press("<down>z")
        #expect(dashboard.text.contains(#""c": { 1 key },"#))
        try dashboard.press("/needle")
        #expect(dashboard.text.contains(#""needle": 1"#) && dashboard.text.contains("1 of 1"))
        #expect(dashboard.text.contains(#""c": { 1 key },"#), "only what has the hit is opened")
        try dashboard.press("<enter>Z")
        #expect(dashboard.text.contains(#""d": 1"#))
        try dashboard.press("Z")
        #expect(!dashboard.text.contains(#""d": 1"#) && dashboard.text.contains(#""e": []"#))
    }

    @Test func inTheFullScreenAllKeysMoveTheText() throws {
        var dashboard = dashboard()
        try dashboard.press("<enter><enter>jj")
        #expect(dashboard.text.contains("line 3 of"))
        try dashboard.press("kG")
        #expect(dashboard.text.contains("line 200"))
        try dashboard.press("g<wheel-down><wheel-up><pgdn><pgup>")
        #expect(dashboard.text.contains("line 1 of"))
        #expect(dashboard.state.selected == 6)
    }

    @Test func theOpenExchangeStaysWhenNewerOnesArrive() throws {
        var dashboard = dashboard()
        try dashboard.press("<enter>")
        dashboard.play { $0.visit("GET /newer") }
        #expect(dashboard.text.contains("── 6 POST /long "))
        #expect(dashboard.state.selected == 6)
        try dashboard.press("<esc>")
        #expect(dashboard.row(4).contains("/newer"))
        #expect(dashboard.selectedRow.contains("/long"))
    }

    /// The filter may no longer match the open exchange, and the store may evict it.
    @Test func theOpenExchangeStaysWhenItsRowDisappears() throws {
        var dashboard = dashboard(memoryBytes: 64 * 1024)
        try dashboard.press("/status:waiting<enter><enter>2")
        #expect(dashboard.text.contains("no answer yet: the target has the request"))
        dashboard.play { traffic in
            traffic.reply("200 OK")
            traffic.leave()
            traffic.arrive()
            traffic.ask("GET /another")
        }
        #expect(dashboard.text.contains("── 6 POST /long "))
        #expect(dashboard.text.contains("HTTP/1.1 200 OK"))
        #expect(dashboard.selectedRow.isEmpty, "the only row is another exchange")
        #expect(try dashboard.press("r") == [.replay(6, count: 1)])
        dashboard.play { traffic in for _ in 1...100 { traffic.visit("GET /many") } }
        #expect(dashboard.text.contains("6 is not kept any more"))
        #expect(try dashboard.press("r").isEmpty)
        #expect(dashboard.lastRow == " ! 6 is not kept any more")
    }

    @Test func aConversationOpensItsLastRequest() throws {
        var dashboard = dashboard()
        try dashboard.press("2j<enter>")
        #expect(dashboard.state.list == .requests)
        #expect(dashboard.text.contains("── 5 GET /5 "))
        // The filter is cleared if it hides the request.
        try dashboard.press("<esc>/nothing<enter>2<enter>")
        #expect(dashboard.state.filter.isEmpty)
        #expect(dashboard.text.contains("── 5 GET /5 "))
        dashboard.play { $0.arrive() }
        try dashboard.press("<esc>2g<enter>")
        #expect(dashboard.lastRow == " no request came in this conversation yet")
    }

    @Test func enterOpensNothingIfNothingIsSelected() throws {
        var dashboard = DashboardFixture()
        try dashboard.press("<enter>")
        #expect(dashboard.state.detail == nil)
        #expect(dashboard.lastRow == " no request is selected")
        dashboard = self.dashboard()
        try dashboard.press("jj/absent<enter><enter>")
        #expect(dashboard.state.detail == nil)
        #expect(try dashboard.press("r").isEmpty, "keys do not act on a row that the filter hides")
        #expect(dashboard.lastRow == " no request is selected")
    }

    @Test func theRowThatWasOpenStaysSelectedWhenTheFilterIsCleared() throws {
        var dashboard = dashboard()
        try dashboard.press("jj/\"/3\"<enter><enter>")
        #expect(dashboard.text.contains("── 3 GET /3 "))
        try dashboard.press("<esc><esc>")
        #expect(dashboard.state.filter.isEmpty)
        #expect(dashboard.state.selected == 3)
    }

    @Test func bCyclesThroughTheBodyModes() throws {
        var dashboard = dashboard()
        dashboard.play { traffic in
            traffic.arrive()
            traffic.ask("POST /json", [Transcript.json], body: Array(#"{"a":1}"#.utf8))
        }
        try dashboard.press("<enter><enter>")
        #expect(dashboard.text.contains(#"   "a": 1"#))
        try dashboard.press("b")
        #expect(dashboard.text.contains(#"{"a":1}"#) && dashboard.text.contains("  raw"))
        try dashboard.press("b")
        #expect(dashboard.text.contains("7b 22 61 22 3a 31 7d") && dashboard.text.contains("  hex"))
        try dashboard.press("b")
        #expect(dashboard.text.contains(#"   "a": 1"#))
    }
}
