/// The selected row of a list whose newest row is on top.
///
/// It follows the newest row until it is moved; then it stays on its row, whatever comes. While the top of the list can
/// be seen, the row moves down as others come; when it would leave the screen, the others do.
package struct ListCursor: Hashable, Sendable {
    /// Nil follows the newest.
    package var number: UInt64?
    /// The row that the last picture showed as selected: what keys act on, even when a newer one has come since.
    package var shown: UInt64?
    /// The line of the list in which it stands.
    package var line = 0
    /// The newest row was in the last picture.
    package var isAtTop = true

    /// Stays on the row that it shows: a neighbour of its own, where a filter hides that one.
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

    /// Finds the stretch of the list to show.
    /// - Parameter place: of the row, counted from the newest.
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
