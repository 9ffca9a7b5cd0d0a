/// The regions of the screen, by row.
///
///     header
///     totals              left out first when there are few rows
///     list tabs           in the full-screen detail and the comparison: their title
///     column titles       left out next
///     rows of the list
///     title of the detail   ─┐ only in the split
///     the detail            ─┘
///     help bar, or the prompt, or a message
///
/// On a wide screen the detail is to the right of the list, and its title is beside the list tabs.
package struct DashboardLayout: Hashable, Sendable {
    package private(set) var totals: Int?
    package private(set) var tabs: Int?
    package private(set) var columnTitles: Int?
    package private(set) var list = 0..<0
    package private(set) var detailTitle: Int?
    package private(set) var detail = 0..<0
    package private(set) var helpBar: Int?
    /// The screen is too small for more than the URL and the state.
    package let isTiny: Bool
    /// The screen has room for the list and the detail together.
    package let hasSplit: Bool
    /// The column of the line between the list and the detail to its right; nil if the detail is below the list.
    package private(set) var divider: Int?
    private let width: Int

    static let smallestWidth = 40
    static let smallestHeight = 8
    private static let smallestSplit = 16
    /// The least width at which list and detail are side by side.
    private static let smallestBeside = 160

    init(_ state: DashboardState) {
        let height = state.size.height
        width = state.size.width
        isTiny = width < Self.smallestWidth || height < Self.smallestHeight
        let isWide = width >= Self.smallestBeside
        hasSplit = isWide || height >= Self.smallestSplit
        guard !isTiny else { return }
        var row = 1
        func take() -> Int {
            row += 1
            return row - 1
        }
        if height >= 11 { totals = take() }
        let end = height - 1
        helpBar = end
        let isFull = state.comparison != nil || state.detail.map { $0.isFull || !hasSplit } ?? false
        guard !isFull else {
            detailTitle = take()
            detail = row..<end
            return
        }
        tabs = take()
        if height >= 10, state.list != .log { columnTitles = take() }
        guard state.detail != nil else {
            list = row..<end
            return
        }
        guard !isWide else {
            divider = max(80, width * 9 / 20)
            list = row..<end
            detailTitle = tabs
            detail = (tabs ?? 0) + 1..<end
            return
        }
        let rows = max(3, (end - row - 1) * 2 / 5)
        list = row..<row + rows
        detailTitle = list.upperBound
        detail = list.upperBound + 1..<end
    }

    var listWidth: Int { divider ?? width }
    var detailWidth: Int { divider.map { width - $0 - 1 } ?? width }

    /// Whether a column can belong to the detail. Without a divider, only the row decides.
    func isDetail(column: Int) -> Bool { divider.map { column > $0 } ?? true }
    func isList(column: Int) -> Bool { divider.map { column < $0 } ?? true }
}
