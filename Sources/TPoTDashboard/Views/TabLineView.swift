import TPoTTraffic

/// The names of the lists; filter, freeze and counts at the right.
enum TabLineView {
    private static let titles: [(list: DashboardState.List, title: String)] = [
        (.requests, "Requests"), (.conversations, "Conversations"), (.log, "Log"),
    ]

    static func draw(_ picture: DashboardPicture, on screen: inout Screen) {
        guard let row = picture.layout.tabs else { return }
        screen.rule(row: row)
        var end = 0
        for (list, columns) in ranges where columns.upperBound < screen.width {
            let isActive = list == picture.state.list
            screen.put(
                title(list),
                row: row,
                column: columns.lowerBound,
                role: isActive ? .activeTab : .inactiveTab
            )
            end = columns.upperBound
        }
        var line = LineParts()
        for part in remarks(picture) { line.parts.append(part) }
        line = line.fitted(screen.width - end - 6)
        guard !line.parts.isEmpty, line.columns > 0 else { return }
        let columns = min(line.columns, max(0, screen.width - end - 6))
        let start = screen.width - 3 - columns
        guard start > end + 1, columns > 0 else { return }
        screen.fill(row: row, column: start - 1, width: columns + 2)
        line.draw(row: row, from: start, to: start + columns, on: &screen)
    }

    /// The list whose name stands there.
    static func list(at column: Int) -> DashboardState.List? {
        ranges.first { $0.columns.contains(column) }?.list
    }

    private static func title(_ list: DashboardState.List) -> String {
        " \(list.rawValue) \(titles.first { $0.list == list }?.title ?? "") "
    }

    private static let ranges: [(list: DashboardState.List, columns: Range<Int>)] = {
        var column = 2
        return titles.map { entry in
            let width = title(entry.list).count
            defer { column += width + 2 }
            return (entry.list, column..<column + width)
        }
    }()

    private static func remarks(_ picture: DashboardPicture) -> [LineParts.Part] {
        var line = LineParts()
        let requests = picture.requests
        if let freeze = picture.state.freeze {
            let new = requests.newest > freeze.newest ? requests.newest - freeze.newest : 0
            line.add("frozen, \(new) new", .frozen, importance: 9)
        }
        switch picture.state.list {
        case .requests:
            if requests.newer > 0 { line.add("↑ \(Formats.grouped(requests.newer))", .dim, importance: 2) }
            let filter = picture.state.filter
            let count: String
            if filter.isEmpty {
                count = Formats.count(requests.kept, "request")
            } else {
                let text = VisibleText.text(filter.text, limit: 60)
                line.add("filter: \(text)", .accent, importance: 8)
                let matching = Formats.grouped(requests.matching) + (requests.isSearching ? "…" : "")
                count = "\(matching) of \(Formats.grouped(requests.kept))"
            }
            line.add(count, .dim, importance: 5)
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
