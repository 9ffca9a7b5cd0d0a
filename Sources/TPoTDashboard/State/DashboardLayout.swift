/// Which row of the screen belongs to whom.
///
///     header
///     totals              leaves first when there are few rows
///     lists               in the full detail and the comparison: their title
///     column titles       leave next
///     rows of the list
///     title of the detail   ─┐ only in the split
///     the detail            ─┘
///     help bar, or the prompt, or a message
///
/// On a wide screen the detail stands beside the list, its title beside the names of the lists.
package struct DashboardLayout: Hashable, Sendable {
    package private(set) var totals: Int?
    package private(set) var tabs: Int?
    package private(set) var columnTitles: Int?
    package private(set) var list = 0..<0
    package private(set) var detailTitle: Int?
    package private(set) var detail = 0..<0
    package private(set) var helpBar: Int?
    /// Too small for more than the URL and the state.
    package let isTiny: Bool
    /// There is room for list and detail together.
    package let hasSplit: Bool
    /// The column of the line between the list and the detail at its right; nil where the detail is below it.
    package private(set) var divider: Int?
    private let width: Int

    static let smallestWidth = 40
    static let smallestHeight = 8
    private static let smallestSplit = 16
    /// Columns from which list and detail stand side by side.
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

    /// Columns of the list, and those of the detail.
    var listWidth: Int { divider ?? width }
    var detailWidth: Int { divider.map { width - $0 - 1 } ?? width }

    /// Whether this place is the detail's, as far as its column says.
    func isDetail(column: Int) -> Bool { divider.map { column > $0 } ?? true }
    func isList(column: Int) -> Bool { divider.map { column < $0 } ?? true }
}
