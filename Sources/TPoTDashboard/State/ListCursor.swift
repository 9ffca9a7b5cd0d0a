/// The selected row of a list whose newest row is on top.
///
/// - The cursor follows the newest row until the user moves it. Then it stays on its row.
/// - While the top of the list is visible, new rows push the selected row down.
/// - The selected row never leaves the screen: at the last line, the rows above it scroll away instead.
package struct ListCursor: Hashable, Sendable {
    /// The selected row; nil follows the newest.
    package var number: UInt64?
    /// The row that the last picture showed as selected. Keys act on it, even if a newer row has arrived since.
    package var shown: UInt64?
    /// The selected row's line in the visible list.
    package var line = 0
    /// The rows of the whole list in the last picture.
    package var total = 0
    /// The newest row was in the last picture.
    package var isAtTop = true

    /// Stays on the row that is shown as selected, which may be a neighbour if a filter hides the selected one.
    mutating func pin() {
        number = shown ?? number
    }

    mutating func follow() {
        number = nil
        line = 0
        isAtTop = true
    }

    mutating func select(_ number: UInt64) {
        self.number = number
        shown = number
    }

    /// Chooses the visible part of the list, and updates `line` and `isAtTop` for it.
    /// - Parameter place: the place of the selected row, counted from the newest.
    /// - Returns: the place of the first row to show.
    mutating func settle(place: Int, total: Int, height: Int) -> Int {
        guard total > 0, height > 0 else {
            line = 0
            isAtTop = true
            return 0
        }
        let place = min(max(place, 0), total - 1)
        var from = isAtTop ? 0 : place - line
        from = max(0, min(from, total - height))
        from = min(max(from, place - height + 1), place)
        line = place - from
        isAtTop = from == 0
        return from
    }
}
