import TestSupport
import Testing

@testable import TPoTDashboard

/// Filters that are kept on keys, and those used before.
@Suite struct KeptFilterTests {
    private func dashboard(width: Int = 80, _ memory: DashboardMemory = DashboardMemory()) -> DashboardFixture {
        var dashboard = DashboardFixture(width: width, memory: memory)
        dashboard.play { traffic in
            traffic.online()
            traffic.visit("GET /a")
            traffic.visit("POST /b", "500 Oops")
            traffic.visit("POST /q space?")
        }
        return dashboard
    }

    private func memory(filters: [Int: String] = [:], history: [String] = []) -> DashboardMemory {
        DashboardMemory(hiddenColumns: [], filters: filters, history: history)
    }

    // MARK: Kept filters

    @Test func ctrlSKeepsTheTypedFilterOnTheNextFreeKey() throws {
        var dashboard = dashboard()
        #expect(try dashboard.press("/ post <c-s>") == [.remember(.kept("post", key: 5))])
        #expect(dashboard.lastRow.hasPrefix(" filter:  post") && dashboard.lastRow.hasSuffix("kept as 5"))
        #expect(dashboard.state.prompt != nil, "the user can go on typing")
        try dashboard.press("<c-u>5xx<c-s>")
        #expect(dashboard.lastRow.hasSuffix("kept as 6"))
        try dashboard.press("<c-u><c-s>")
        #expect(dashboard.lastRow.hasSuffix("there is no filter to keep"))
        #expect(dashboard.state.memory.filters == [5: "post", 6: "5xx"])
    }

    @Test func theNumberShowsAKeptFilterAndThenAllAgain() throws {
        var dashboard = dashboard(memory(filters: [5: "post", 7: "5xx"]))
        #expect(try dashboard.press("5").isEmpty)
        #expect(dashboard.text.contains("filter: post") && dashboard.text.contains("2 of 3"))
        try dashboard.press("7")
        #expect(dashboard.state.filter.text == "5xx")
        try dashboard.press("7")
        #expect(dashboard.state.filter.isEmpty)
        try dashboard.press("25")
        #expect(dashboard.state.list == .requests && dashboard.state.filter.text == "post")
        try dashboard.press("<esc>")
        #expect(dashboard.state.filter.isEmpty)
    }

    @Test func aFreeNumberSaysHowToKeepAFilter() throws {
        var dashboard = dashboard(memory(filters: [5: "post"]))
        try dashboard.press("9")
        #expect(dashboard.lastRow == " no filter is kept on 9: type one with /, and ctrl-s keeps it as 6")
        #expect(dashboard.state.filter.isEmpty)
    }

    @Test func ctrlSOnAKeptFilterFreesItsKey() throws {
        var dashboard = dashboard(memory(filters: [5: "post", 6: "5xx"]))
        #expect(try dashboard.press("5<c-s>") == [.remember(.freed("post"))])
        #expect(dashboard.lastRow == " 5 is free again")
        try dashboard.press("/<c-u>get<c-s>")
        #expect(dashboard.state.memory.filters == [5: "get", 6: "5xx"])
        try dashboard.press("<c-s><enter>")
        #expect(dashboard.state.memory.filters == [6: "5xx"])
    }

    @Test func whenAllNumbersAreTakenTheUserIsToldHowToFreeOne() throws {
        let taken = Dictionary(uniqueKeysWithValues: DashboardMemory.keys.map { ($0, "word\($0)") })
        var dashboard = dashboard(width: 60, memory(filters: taken))
        #expect(try dashboard.press("/x<c-s>").isEmpty)
        #expect(dashboard.text.contains("all of 5 to 9 are taken: show one of them, and ctrl-s\n frees it\n filter: x"))
        #expect(dashboard.state.memory.filters == taken)
        try dashboard.press("<esc>7<c-s>/<c-u>x<c-s>")
        #expect(dashboard.state.memory.filters[7] == "x")
    }

    @Test func aVeryLongFilterIsNotKept() throws {
        var dashboard = dashboard()
        let long = String(repeating: "x", count: DashboardMemory.longestFilter + 1)
        #expect(try dashboard.press("/<paste:\(long)><c-s><enter>").isEmpty)
        #expect(try dashboard.press("/<bs><c-s>").count == 1)
    }

    @Test func aWideScreenShowsWhatIsKept() throws {
        var dashboard = dashboard(width: 120, memory(filters: [5: "is:failed", 8: "from:stripe"]))
        dashboard.draw()
        #expect(dashboard.text.contains("5 is:failed   8 from:stripe"))
        try dashboard.press("<enter>")
        #expect(!dashboard.text.contains("5 is:failed"), "in the detail these keys do nothing")
    }

    // MARK: Filters used before

    @Test func upAndDownGoThroughTheFiltersUsedBefore() throws {
        var dashboard = dashboard()
        #expect(try dashboard.press("/get<enter>") == [.remember(.used("get"))])
        try dashboard.press("/<c-u>post<enter>")
        #expect(try dashboard.press("/<enter>").isEmpty, "it is the newest already")
        try dashboard.press("/<c-u>sta<up>")
        #expect(dashboard.lastRow.hasPrefix(" filter: post") && dashboard.text.contains("2 of 3"))
        try dashboard.press("<up><up>")
        #expect(dashboard.lastRow.hasPrefix(" filter: get") && dashboard.text.contains("1 of 3"))
        try dashboard.press("<down><down><down>")
        #expect(dashboard.lastRow.hasPrefix(" filter: sta"), "what was typed is not lost")
        try dashboard.press("<up><left><bs>")
        #expect(dashboard.state.filter.text == "pot")
        try dashboard.press("<up>")
        #expect(dashboard.state.filter.text == "post", "from an edited one it begins anew")
        try dashboard.press("<down>")
        #expect(dashboard.state.filter.text == "pot")
    }

    @Test func aFilterUsedAgainIsTheNewest() throws {
        var dashboard = dashboard(memory(history: ["a", "b", "c"]))
        try dashboard.press("/c<enter>/<c-u> <enter>/<c-u>x<esc>")
        #expect(dashboard.state.memory.history == ["c", "a", "b"], "blank ones and given up ones do not count")
    }

    @Test func theHistoryIsBounded() {
        var memory = DashboardMemory()
        for number in 0..<80 { memory.apply(.used("\(number)")) }
        #expect(memory.history.count == DashboardMemory.historyLimit && memory.history.first == "79")
        memory.apply(.used(String(repeating: "é", count: 501)))
        memory.apply(.kept("x", key: 4))
        memory.apply(.kept("x", key: 10))
        #expect(memory.history.first == "79" && memory.filters.isEmpty)
    }
}
