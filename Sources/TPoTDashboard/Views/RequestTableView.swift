import NIOCore
import TPoTCapture
import TPoTWire

/// The list of exchanges, newest on top.
enum RequestTableView {
    static func draw(_ picture: DashboardPicture, on screen: inout Screen) {
        let columns = RequestColumns(
            width: screen.width,
            newest: picture.requests.newest,
            hidden: picture.state.memory.hiddenColumns
        )
        if let row = picture.layout.columnTitles { drawTitles(columns, picture.state.order, row: row, on: &screen) }
        guard !picture.layout.list.isEmpty else { return }
        guard !picture.requests.lines.isEmpty else { return drawEmpty(picture, on: &screen) }
        defer { drawHint(picture, on: &screen) }
        for (line, content) in picture.requests.lines.prefix(picture.layout.list.count).enumerated() {
            let isSelected = line == picture.requests.line
            let isChosen = picture.state.chosen == content.number
            RequestRowView(content, columns, picture.facts, isChosen: isChosen, at: picture.now.monotonic)
                .draw(row: picture.layout.list.lowerBound + line, isSelected: isSelected, on: &screen)
        }
    }

    private static func drawTitles(
        _ columns: RequestColumns,
        _ order: CaptureOrder,
        row: Int,
        on screen: inout Screen
    ) {
        for column in RequestColumn.allCases {
            guard let place = columns.place(of: column) else { continue }
            let isNumber = column == .number || column == .bytesIn || column == .bytesOut
            let title = column == .event && columns.isMerged ? "Event or request" : column.title
            let isSorted = order != .newestFirst && column == order.column
            screen.put(
                isSorted ? "\(title.prefix(max(0, place.width - 1)))▼" : title,
                row: row,
                column: place.start,
                width: place.width,
                role: .columnTitle,
                align: isNumber ? .right : .left
            )
        }
    }

    /// What `s` sorts by next.
    static func next(after order: CaptureOrder) -> CaptureOrder {
        let keys = CaptureOrder.Key.allCases
        let place = keys.firstIndex(of: order.key) ?? 0
        return CaptureOrder(keys[(place + 1) % keys.count])
    }

    /// Above the requests of earlier runs, while this one has none: what to do next.
    private static func drawHint(_ picture: DashboardPicture, on screen: inout Screen) {
        guard picture.requests.newer == 0, picture.requests.lines.first?.isEarlierLine == true,
            picture.state.filter.isEmpty, let url = picture.tunnel.url
        else { return }
        let row = picture.layout.list.lowerBound
        let start = 4 + EarlierLineView.width + 2
        let column = start + screen.put(" No request has come yet. Try ", row: row, column: start, role: .dim)
        let command = "curl \(VisibleText.text(url, limit: 300)) "
        screen.put(command, row: row, column: column, role: .url, overflow: .ellipsis)
    }

    private static let embedded = "On this machine only; -t SERVER makes it public."

    private static func unmatched(_ requests: DashboardPicture.Requests) -> String {
        if requests.isSearching { return "searching…" }
        guard let bodies = requests.bodyMatches, bodies.count > 0 || bodies.isSearching else {
            return "nothing matches the filter; esc clears it, / changes it"
        }
        if bodies.count == 0 { return "nothing in heads; searching bodies…" }
        let count = bodies.count == 1 ? "1 body has it" : "\(Formats.grouped(bodies.count)) bodies have it"
        let more = bodies.isSearching ? " so far" : ""
        return "nothing in heads; \(count)\(more): \(VisibleText.text(bodies.filter, limit: 60))"
    }

    static func drawEmpty(_ picture: DashboardPicture, on screen: inout Screen) {
        let lines: [StyledLine]
        if !picture.state.filter.isEmpty, picture.requests.kept > 0 {
            let isFailedOnly = picture.state.filter.text == FailedOnly.term && !picture.requests.isSearching
            let text = isFailedOnly ? "nothing failed; ! shows all again" : unmatched(picture.requests)
            lines = [StyledLine(text, .dim)]
        } else if let url = picture.tunnel.url {
            let wasCleared = picture.requests.begun > 0
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
            lines = [StyledLine(picture.facts.opened == nil ? "waiting for the tunnel" : "no requests here", .dim)]
        }
        for (index, line) in lines.prefix(picture.layout.list.count).enumerated() {
            let row = picture.layout.list.lowerBound + min(1, picture.layout.list.count - lines.count) + index
            for span in line.spans { screen.put(span.text, row: row, column: 4, role: span.role, overflow: .ellipsis) }
        }
    }
}

extension CaptureOrder {
    /// The column by which the list is sorted.
    fileprivate var column: RequestColumn {
        switch key {
        case .arrival: .number
        case .took: .took
        case .size: .bytesOut
        case .status: .status
        case .event: .event
        }
    }

    /// For a message: `how long they took`.
    var words: String {
        switch key {
        case .arrival: "arrival, the newest on top"
        case .took: "how long they took"
        case .size: "size"
        case .status: "status"
        case .event: "sender and event"
        }
    }
}
