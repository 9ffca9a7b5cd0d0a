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
            let isSelected = line == picture.requests.line
            let isChosen = picture.state.chosen == content.number
            RequestRowView(content, columns, picture.facts, isChosen: isChosen, at: picture.now.monotonic)
                .draw(row: picture.layout.list.lowerBound + line, isSelected: isSelected, on: &screen)
        }
    }

    private static func drawTitles(_ columns: RequestColumns, row: Int, on screen: inout Screen) {
        for column in RequestColumn.allCases {
            guard let place = columns.place(of: column) else { continue }
            let isNumber = column == .number || column == .bytesIn || column == .bytesOut
            screen.put(
                column == .event && columns.isMerged ? "Event or request" : column.title,
                row: row,
                column: place.start,
                width: place.width,
                role: .columnTitle,
                align: isNumber ? .right : .left
            )
        }
    }

    private static let embedded = "On this machine only; -t SERVER makes it public."

    private static func drawEmpty(_ picture: DashboardPicture, on screen: inout Screen) {
        let lines: [StyledLine]
        if !picture.state.filter.isEmpty, picture.requests.kept > 0 {
            let isFailedOnly = picture.state.filter.text == FailedOnly.term
            let nothing =
                isFailedOnly
                ? "nothing failed; ! shows all again" : "nothing matches the filter; esc clears it, / changes it"
            let text = picture.requests.isSearching ? "searching…" : nothing
            lines = [StyledLine(text, .dim)]
        } else if let url = picture.tunnel.url {
            let wasCleared = picture.requests.newest > 0
            lines =
                [
                    StyledLine(wasCleared ? "The list is cleared. Next:" : "No request has come yet. Try", .dim),
                    StyledLine("curl \(VisibleText.text(url, limit: 300))", .url),
                ] + (picture.facts.isEmbedded ? [StyledLine(), StyledLine(embedded, .dim)] : [])
                + (picture.state.notice != nil
                    ? []
                    : picture.warning.map { [StyledLine(), StyledLine(VisibleText.text($0, limit: 300), .warning)] }
                        ?? [])
        } else {
            lines = [StyledLine("waiting for the tunnel", .dim)]
        }
        for (index, line) in lines.prefix(picture.layout.list.count).enumerated() {
            let row = picture.layout.list.lowerBound + min(1, picture.layout.list.count - lines.count) + index
            for span in line.spans { screen.put(span.text, row: row, column: 4, role: span.role, overflow: .ellipsis) }
        }
    }
}
