/// The commands that match the text in the last line, above it.
enum PaletteView {
    private static let mostRows = 12
    private static let keyWidth = 9

    /// The rows of commands on a screen of this size. The header stays.
    static func rows(_ count: Int, _ size: ScreenSize) -> Int { max(0, min(count, mostRows, size.height - 4)) }

    /// The command in a row of the screen; nil if there is none.
    static func place(atRow row: Int, _ count: Int, _ selected: Int, _ size: ScreenSize) -> Int? {
        let rows = rows(count, size)
        let line = row - (size.height - 1 - rows)
        guard 0..<rows ~= line else { return nil }
        return top(rows, selected) + line
    }

    /// The first visible command: the selected one is visible.
    private static func top(_ rows: Int, _ selected: Int) -> Int { max(0, selected - rows + 1) }

    static func draw(_ palette: PaletteState, _ picture: DashboardPicture, on screen: inout Screen) {
        let entries = PaletteEntry.matching(palette.field.text, in: picture.state.contextBelowPrompt)
        let rows = rows(entries.count, screen.size)
        let first = screen.height - 1 - rows
        guard first > 1 else { return }
        screen.fill(row: first - 1, column: 0, width: screen.width, height: rows + 1)
        screen.rule(row: first - 1)
        screen.put(" Commands ", row: first - 1, column: 2, role: .title)
        let count = entries.isEmpty ? " none has these words " : " \(palette.selected + 1) of \(entries.count) "
        screen.put(count, row: first - 1, column: max(14, screen.width - 2 - count.count), role: .dim)
        let top = top(rows, palette.selected)
        for (line, entry) in entries.dropFirst(top).prefix(rows).enumerated() {
            let row = first + line
            let isAble = picture.abilities.contains(entry.needs)
            screen.put(entry.keyText, row: row, column: 2, width: keyWidth, role: isAble ? .keyHint : .dim)
            let column = 2 + keyWidth
            let used = screen.put(
                entry.title,
                row: row,
                column: column,
                width: screen.width - column - 1,
                role: isAble ? .plain : .dim,
                overflow: .ellipsis
            )
            if !isAble {
                let start = column + used + 2
                screen.put(
                    entry.needs.reason,
                    row: row,
                    column: start,
                    width: max(0, screen.width - start - 1),
                    role: .dim,
                    overflow: .ellipsis
                )
            }
            guard top + line == palette.selected else { continue }
            screen.put("▸", row: row, column: 0, role: .marker)
            screen.select(row: row)
        }
    }
}
