import TPoTWire

/// The tabs of the lists, with filter, freeze and counts at the right.
enum TabLineView {
    static func draw(_ picture: DashboardPicture, on screen: inout Screen) {
        guard let row = picture.layout.tabs else { return }
        screen.rule(row: row)
        var end = 0
        for tab in tabs(picture.state) {
            let role: StyleRole = tab.list == picture.state.list ? .activeTab : .inactiveTab
            screen.put(tab.title, row: row, column: tab.columns.lowerBound, role: role)
            end = tab.columns.upperBound
        }
        var line = LineParts()
        line.parts = keptFilters(picture) + remarks(picture, columns: screen.width - end - 6)
        line = line.fitted(screen.width - end - 6)
        guard !line.parts.isEmpty, line.columns > 0 else { return }
        let columns = min(line.columns, max(0, screen.width - end - 6))
        let start = screen.width - 3 - columns
        guard start > end + 1, columns > 0 else { return }
        screen.fill(row: row, column: start - 1, width: columns + 2)
        line.draw(row: row, from: start, to: start + columns, on: &screen)
    }

    /// The list whose tab is at a column.
    static func list(at column: Int, _ state: DashboardState) -> DashboardState.List? {
        tabs(state).first { $0.columns.contains(column) }?.list
    }

    /// The tabs of the lists, with their columns.
    /// - With little room, the inactive lists are numbers only. A freeze or a filter needs more room for its remarks.
    /// - While a detail is open, the number keys belong to its tabs, so the lists have no numbers.
    private static func tabs(
        _ state: DashboardState
    ) -> [(list: DashboardState.List, title: String, columns: Range<Int>)] {
        let hasMuchToTell = state.freeze != nil || !state.filter.isEmpty
        let isShort = state.size.width < (hasMuchToTell ? 100 : 60)
        var column = 2
        return DashboardState.List.allCases.compactMap { list in
            let name = list.title
            let isNamed = !isShort || list == state.list
            if state.detail != nil, !isNamed { return nil }
            let number = state.detail == nil ? "\(list.rawValue) " : ""
            let title = " \(number)\(isNamed ? "\(name) " : "")"
            defer { column += title.count + 2 }
            return (list, title, column..<column + title.count)
        }
    }

    /// The kept filters with their keys: `5 is:failed`. They are the first to make room.
    private static func keptFilters(_ picture: DashboardPicture) -> [LineParts.Part] {
        guard picture.state.size.width >= 120, picture.state.detail == nil else { return [] }
        var line = LineParts()
        for (key, text) in picture.state.memory.filters.sorted(by: { $0.key < $1.key }) {
            let name = DisplayText.fitted(VisibleText.text(text, limit: 60), columns: 20)
            let isOn = picture.state.filter.text == text
            line.add([.init("\(key) ", .keyHint), .init(name, isOn ? .accent : .keyLabel)], importance: 1)
        }
        return line.parts
    }

    private static func remarks(_ picture: DashboardPicture, columns: Int) -> [LineParts.Part] {
        var line = LineParts()
        let requests = picture.requests
        if let freeze = picture.state.freeze {
            let new = requests.begun - freeze.begun
            line.add("frozen, \(new) new", .frozen)
        }
        let failing = picture.totals.failing
        if failing > 0 { line.add("! failures \(Formats.grouped(failing))", .failure, importance: 4) }
        switch picture.state.list {
        case .requests, .timeline:
            if let timeline = picture.timeline, picture.state.list == .timeline {
                line.add("most at once \(timeline.mostAtOnce)", .plain, importance: 5)
                if let p50 = timeline.p50, let p95 = timeline.p95 {
                    line.add("p50 \(Formats.duration(p50))  p95 \(Formats.duration(p95))", .dim, importance: 4)
                }
            }
            if requests.newer > 0 { line.add("↑ \(Formats.grouped(requests.newer))", .dim, importance: 2) }
            let filter = picture.state.filter
            let count: String
            if filter.isEmpty {
                let isTunnel = picture.facts.opened == nil
                let earlier = isTunnel && requests.earlier > 0 ? ", \(Formats.grouped(requests.earlier)) earlier" : ""
                count = Formats.count(requests.kept - (isTunnel ? requests.earlier : 0), "request") + earlier
            } else {
                let matching = Formats.grouped(requests.matching) + (requests.isSearching ? "…" : "")
                count = "\(matching) of \(Formats.grouped(requests.kept))"
                // The count shows how much the filter hides, so the filter's text makes room for it.
                let word = "filter: "
                let room = columns - line.columns - count.count - word.count - 6
                let text = DisplayText.fitted(VisibleText.text(filter.text, limit: 60), columns: max(4, room))
                line.add(word + text, .accent)
            }
            line.add(count, .dim, importance: picture.timeline == nil ? 5 : 3)
        case .conversations:
            let newer = picture.conversations.newer
            if newer > 0 { line.add("↑ \(Formats.grouped(newer))", .dim, importance: 2) }
            line.add("\(Formats.grouped(picture.totals.open)) open", .dim, importance: 5)
        case .log:
            if picture.newerLog > 0 { line.add("↓ \(Formats.grouped(picture.newerLog))", .dim, importance: 2) }
        }
        return line.parts
    }
}
