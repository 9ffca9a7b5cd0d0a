/// The columns of the list to choose from, below the list, so that a choice is seen at once.
enum ColumnChooserView {
    /// - Parameter place: the column with the cursor.
    static func draw(_ place: Int, _ picture: DashboardPicture, on screen: inout Screen) {
        let all = ColumnUpdate.columns
        let room = picture.layout.list
        // A row of the list and the titles stay visible if possible.
        let height = min(all.count + 1, max(2, room.count - 1))
        let top = max(0, room.upperBound - height)
        screen.fill(row: top, column: 0, width: screen.width, height: height)
        screen.rule(row: top)
        screen.put(" Columns ", row: top, column: 2, role: .title)
        let remark = " # and Status always stay "
        if screen.width >= remark.count + 20 {
            screen.put(remark, row: top, column: screen.width - 2 - remark.count, role: .dim)
        }
        let first = max(0, min(place - (height - 1) / 2, all.count - (height - 1)))
        let shown = RequestColumns(
            width: screen.width,
            newest: picture.requests.newest,
            hidden: picture.state.memory.hiddenColumns
        )
        for (line, index) in (first..<min(all.count, first + height - 1)).enumerated() {
            let column = all[index]
            let isHidden = picture.state.memory.hiddenColumns.contains(column)
            let hasRoom = shown.place(of: column) != nil || shown.isMerged && column == .request
            let row = top + 1 + line
            var end = 2 + screen.put("\(index + 1)", row: row, column: 2, role: .keyHint) + 1
            end += screen.put(isHidden ? "[ ] " : "[x] ", row: row, column: end)
            screen.put(column.title, row: row, column: end)
            let note = isHidden || hasRoom ? "" : "; no room at this width"
            screen.put(meaning(column) + note, row: row, column: end + 9, role: .dim, overflow: .ellipsis)
            guard index == place else { continue }
            screen.put("▸", row: row, column: 0, role: .marker)
            screen.select(row: row)
        }
    }

    private static func meaning(_ column: RequestColumn) -> String {
        switch column {
        case .number: "its number"
        case .time: "when it came"
        case .remote: "the visitor's address and port"
        case .event: "who sent it, and what it says"
        case .request: "method and path"
        case .status: "how it went"
        case .took: "how long the answer took"
        case .bytesIn: "bytes of the request"
        case .bytesOut: "bytes of the answer"
        }
    }
}
