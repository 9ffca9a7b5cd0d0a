import TPoTCapture

/// Several replays that were asked for at once, as one line: how many, with which statuses, how long they took.
///
///     └↻ 416–435   replay   × 20                        18×200 2×500  p50 2 ms
struct ReplayGroupView {
    private let group: ReplayGroup
    private let columns: RequestColumns

    init(_ group: ReplayGroup, _ columns: RequestColumns) {
        self.group = group
        self.columns = columns
    }

    /// - Parameter start: the first column that is free.
    func draw(row line: Int, from start: Int, on screen: inout Screen) {
        let statuses = statuses
        let width = statuses.reduce(0) { $0 + DisplayWidth.columns($1.text) }
        // The statuses end where the status column does, and may begin left of it.
        let end = columns.status.end
        var column = max(start, end - width)
        for span in statuses {
            column += screen.put(
                span.text,
                row: line,
                column: column,
                width: end - column,
                role: span.role,
                overflow: .ellipsis
            )
        }
        let count = "× \(group.count)" + (group.over < group.count ? ", \(group.over) over" : "")
        let place = max(start, columns.event?.start ?? columns.request?.start ?? start)
        let room = end - width - 2 - place
        if room > 0 { screen.put(count, row: line, column: place, width: room, role: .plain, overflow: .ellipsis) }
        if let took = columns.took, let median = group.p50 {
            let text = "p50 \(Formats.duration(median))"
            screen.put(text, row: line, column: took.start, width: took.width, role: .plain, overflow: .ellipsis)
        }
        if let remark = columns.remark, let verdict = group.verdict {
            screen.put(verdict.text, row: line, column: remark.start, width: remark.width, role: verdict.role)
        }
    }

    /// `18×200 2×500 1×✗`
    private var statuses: [StyledLine.Span] {
        group.statuses.enumerated().flatMap { index, entry -> [StyledLine.Span] in
            let role = entry.status == nil ? .failure : StatusStyle.role(of: entry.status)
            let text = "\(entry.count)×\(entry.status.map { "\($0)" } ?? "✗")"
            return (index > 0 ? [.init(" ")] : []) + [.init(text, role)]
        }
    }
}
