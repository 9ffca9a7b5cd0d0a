/// The regions of the screen, by row.
///
///     header
///     notice              why something does not work; as many rows as it takes
///     totals              left out first when there are few rows
///     list tabs           in the full-screen detail and the comparison: their title
///     column titles       left out next
///     rows of the list
///     title of the detail   ─┐ only in the split
///     the detail            ─┘
///     help bar, or the prompt, or a message
package struct DashboardLayout: Hashable, Sendable {
    package private(set) var notice = 0..<0
    package private(set) var totals: Int?
    package private(set) var tabs: Int?
    package private(set) var columnTitles: Int?
    package private(set) var list = 0..<0
    package private(set) var detailTitle: Int?
    package private(set) var detail = 0..<0
    /// The texts of an open detail, from left to right or from top to bottom. Empty in a comparison.
    package private(set) var panes: [DetailPane] = []
    package private(set) var helpBar: Int?
    /// The screen is too small for more than the URL and the state.
    package let isTiny: Bool
    /// The screen has room for the list and the detail together.
    package let hasSplit: Bool
    private let width: Int
    private let height: Int

    static let smallestWidth = 40
    static let smallestHeight = 8
    private static let smallestSplit = 16
    /// The fewest rows of an open detail below the list.
    private static let smallestDetail = 4
    /// The least width at which request and response are side by side.
    private static let smallestBeside = 140
    /// The least height at which one is above the other.
    private static let smallestStack = 40

    init(_ state: DashboardState) {
        height = state.size.height
        width = state.size.width
        isTiny = width < Self.smallestWidth || height < Self.smallestHeight
        hasSplit = height >= Self.smallestSplit
        guard !isTiny else { return }
        var row = 1
        func take() -> Int {
            row += 1
            return row - 1
        }
        if let text = state.notice {
            // A row of the list, its title and the help bar stay.
            let rows = min(Self.noticeLines(text, width).count, height - 5)
            notice = row..<row + rows
            row += rows
        }
        if height >= 11 + notice.count { totals = take() }
        let end = height - 1
        helpBar = end
        let isFull = state.comparison != nil || state.detail.map { $0.isFull || !hasSplit } ?? false
        guard !isFull else {
            detailTitle = take()
            detail = row..<end
            placePanes(state)
            return
        }
        tabs = take()
        if height >= 10 + notice.count, state.list != .log { columnTitles = take() }
        guard state.detail != nil else {
            list = row..<end
            return
        }
        // The body is what one opens the detail for, so the list takes no more rows than it has.
        let usual = min(max(3, (end - row - 1) / 4), max(1, state.requests.total))
        let rows = max(1, min(state.listRows ?? usual, end - row - 1 - Self.smallestDetail))
        list = row..<row + rows
        detailTitle = list.upperBound
        detail = list.upperBound + 1..<end
        placePanes(state)
    }

    private static func noticeLines(_ text: String, _ width: Int) -> [Substring] {
        DisplayText.wrapped(text, columns: max(1, width - 2), atBlanks: true)
    }

    /// The rows of the notice.
    func noticeLines(_ state: DashboardState) -> [Substring] {
        state.notice.map { Self.noticeLines($0, width) } ?? []
    }

    private mutating func placePanes(_ state: DashboardState) {
        guard state.comparison == nil, let tab = state.detail?.tab else { return }
        func pane(_ tab: DetailState.Tab, _ rows: Range<Int>, _ columns: Range<Int>) -> DetailPane {
            DetailPane(tab: tab, heading: rows.lowerBound, rows: rows.dropFirst(), columns: columns)
        }
        if tab == .timing {
            panes = [DetailPane(tab: .timing, heading: nil, rows: detail, columns: 0..<width)]
        } else if width >= Self.smallestBeside {
            let middle = width / 2
            panes = [pane(.request, detail, 0..<middle), pane(.response, detail, middle + 1..<width)]
        } else if height >= Self.smallestStack {
            let middle = (detail.lowerBound + detail.upperBound) / 2
            panes = [
                pane(.request, detail.lowerBound..<middle, 0..<width),
                pane(.response, middle..<detail.upperBound, 0..<width),
            ]
        } else {
            panes = [pane(tab, detail, 0..<width)]
        }
    }
}

/// A text of the open detail, with its place on the screen.
package struct DetailPane: Hashable, Sendable {
    package let tab: DetailState.Tab
    /// The row of the line that says what the text is. It does not scroll.
    package let heading: Int?
    package let rows: Range<Int>
    package let columns: Range<Int>

    /// Whether a place on the screen belongs to the pane.
    func contains(row: Int, column: Int) -> Bool {
        columns.contains(column) && (rows.contains(row) || row == heading)
    }
}
