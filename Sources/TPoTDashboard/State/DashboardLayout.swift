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
    /// There is room for a detail beside the list.
    package let hasSplit: Bool

    static let smallestWidth = 40
    static let smallestHeight = 8
    private static let smallestSplit = 16

    init(_ state: DashboardState) {
        let height = state.size.height
        isTiny = state.size.width < Self.smallestWidth || height < Self.smallestHeight
        hasSplit = height >= Self.smallestSplit
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
        let rows = max(3, (end - row - 1) * 2 / 5)
        list = row..<row + rows
        detailTitle = list.upperBound
        detail = list.upperBound + 1..<end
    }
}
