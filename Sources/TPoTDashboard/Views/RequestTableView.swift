import NIOCore
import TPoTWire

/// The list of exchanges, newest on top.
enum RequestTableView {
    static func draw(_ picture: DashboardPicture, on screen: inout Screen) {
        let columns = RequestColumns(width: screen.width, newest: picture.requests.newest)
        if let row = picture.layout.columnTitles { drawTitles(columns, row: row, on: &screen) }
        guard !picture.layout.list.isEmpty else { return }
        guard !picture.requests.lines.isEmpty else { return drawEmpty(picture, on: &screen) }
        for (line, content) in picture.requests.lines.prefix(picture.layout.list.count).enumerated() {
            guard let row = content.row else { continue }
            let isSelected = line == picture.requests.line
            RequestRowView(row, columns, picture)
                .draw(row: picture.layout.list.lowerBound + line, isSelected: isSelected, on: &screen)
        }
    }

    private static func drawTitles(_ columns: RequestColumns, row: Int, on screen: inout Screen) {
        func put(_ text: String, _ column: RequestColumns.Column?, _ align: Screen.Alignment = .left) {
            guard let column else { return }
            screen.put(text, row: row, column: column.start, width: column.width, role: .columnTitle, align: align)
        }
        put("#", columns.number, .right)
        put("Time", columns.time)
        put("Remote", columns.remote)
        put("Method", columns.method)
        put("Path", columns.path)
        // The title is wider than its column, which may be the last one.
        screen.put("Status", row: row, column: min(columns.status.start, screen.width - 6), role: .columnTitle)
        put("Took", columns.took, .right)
        put("In", columns.bytesIn, .right)
        put("Out", columns.bytesOut, .right)
    }

    private static let embedded = "It works on this machine only; -t SERVER makes it public."

    private static func drawEmpty(_ picture: DashboardPicture, on screen: inout Screen) {
        let lines: [StyledLine]
        if !picture.state.filter.isEmpty, picture.requests.kept > 0 {
            let text = picture.requests.isSearching ? "searching…" : "nothing matches the filter; esc clears it"
            lines = [StyledLine(text, .dim)]
        } else if let url = picture.tunnel.url {
            let wasCleared = picture.requests.newest > 0
            lines =
                [
                    StyledLine(wasCleared ? "The list is cleared. Next:" : "No request has come yet. Try", .dim),
                    StyledLine("curl \(VisibleText.text(url, limit: 300))", .url),
                ] + (picture.facts.isEmbedded ? [StyledLine(), StyledLine(embedded, .dim)] : [])
                + (picture.warning.map { [StyledLine(), StyledLine(VisibleText.text($0, limit: 300), .warning)] } ?? [])
        } else {
            lines = [StyledLine("waiting for the tunnel", .dim)]
        }
        for (index, line) in lines.prefix(picture.layout.list.count).enumerated() {
            let row = picture.layout.list.lowerBound + min(1, picture.layout.list.count - lines.count) + index
            for span in line.spans { screen.put(span.text, row: row, column: 4, role: span.role, overflow: .ellipsis) }
        }
    }
}
