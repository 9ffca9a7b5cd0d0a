import NIOCore
import TPoTCapture
import TPoTWire

/// The requests of the list as bars on one axis of time: what waited for what, and what ran at once.
///
///       #   Event or request       0          200 ms      400 ms      600 ms          Status   Took
///     ▸ 412  Stripe invoice.paid   ┄▒▒▒▒▒▒▒▒██                                           500   180 ms
///       411  GET /events                       ▒████████████████████████████████▶        200    30 s
enum TimelineView {
    private struct Columns {
        var number: Range<Int>
        var name: Range<Int>
        var bar: Range<Int>
        var status: Range<Int>
        var took: Range<Int>?

        init(width: Int, newest: UInt64) {
            let digits = max(3, String(newest).count)
            number = 2..<2 + digits
            var end = width - 1
            func takeRight(_ columns: Int) -> Range<Int> {
                defer { end -= columns + 2 }
                return max(0, end - columns)..<end
            }
            took = width >= 60 ? takeRight(7) : nil
            status = takeRight(StatusCell.width)
            let start = number.upperBound + 3
            let share = width >= 60 ? max(14, min(44, (end - start) * 2 / 5)) : 10
            name = start..<min(end, start + share)
            bar = min(end, name.upperBound + 2)..<max(name.upperBound + 2, end)
        }
    }

    static func draw(_ picture: DashboardPicture, on screen: inout Screen) {
        let list = picture.layout.list
        guard !list.isEmpty else { return }
        guard !picture.requests.lines.isEmpty else { return RequestTableView.drawEmpty(picture, on: &screen) }
        let columns = Columns(width: screen.width, newest: picture.requests.newest)
        let axis = picture.timeline.map { TimeAxis(from: $0.start, to: $0.end, columns: columns.bar.count) }
        if let row = picture.layout.columnTitles { drawTitles(columns, axis, row: row, on: &screen) }
        for (line, content) in picture.requests.lines.prefix(list.count).enumerated() {
            let row = list.lowerBound + line
            draw(content, columns, axis, picture, row: row, on: &screen)
            guard line == picture.requests.line else { continue }
            screen.put("▸", row: row, column: 0, role: .marker)
            screen.select(row: row)
        }
    }

    private static func drawTitles(_ columns: Columns, _ axis: TimeAxis?, row: Int, on screen: inout Screen) {
        put("#", columns.number, .columnTitle, .right, row, &screen)
        put("Event or request", columns.name, .columnTitle, .left, row, &screen)
        var free = 0
        for tick in axis?.ticks ?? [] where tick.column >= free {
            // The next title begins two columns before its column.
            let width = columns.bar.count - 2 - tick.column
            guard tick.text.count + 1 <= width else { continue }
            screen.put("╵\(tick.text)", row: row, column: columns.bar.lowerBound + tick.column, role: .columnTitle)
            free = tick.column + tick.text.count + 2
        }
        put(
            RequestColumn.status.title,
            columns.status.lowerBound - 2..<columns.status.upperBound,
            .columnTitle,
            .left,
            row,
            &screen
        )
        if let took = columns.took { put(RequestColumn.took.title, took, .columnTitle, .right, row, &screen) }
    }

    private static func draw(
        _ line: CaptureLine,
        _ columns: Columns,
        _ axis: TimeAxis?,
        _ picture: DashboardPicture,
        row: Int,
        on screen: inout Screen
    ) {
        if case .earlier(let earlier) = line {
            return EarlierLineView.draw(earlier, picture.facts, row: row, on: &screen)
        }
        if case .replays(let group, _) = line {
            put(
                "├↻ \(group.first)–\(group.last)  × \(group.count)",
                columns.number.lowerBound..<columns.name.upperBound,
                .replay,
                .left,
                row,
                &screen
            )
            return
        }
        guard let content = line.row else { return }
        let exchange = content.exchange
        if content.isMarked { screen.put("★", row: row, column: 1, role: .marked) }
        put("\(content.number)", columns.number, .plain, .right, row, &screen)
        if exchange.replayOf != nil {
            screen.put("↻", row: row, column: columns.number.upperBound + 1, role: .replay)
        }
        let event = EventText(content)
        put(event.isKnown ? event.text : request(exchange), columns.name, .plain, .left, row, &screen)
        let status = StatusCell(exchange)
        put(status.text, columns.status, status.role, .left, row, &screen)
        let now = picture.now.monotonic
        if let took = columns.took {
            put(Formats.duration(exchange.times.taken(at: now)), took, .plain, .right, row, &screen)
        }
        guard let axis else { return }
        drawBar(exchange, axis, columns.bar, now, row: row, on: &screen)
    }

    private static func request(_ exchange: Exchange) -> String {
        [VisibleText.text(exchange.method, limit: 20), VisibleText.text(exchange.target, limit: 200)]
            .filter { !$0.isEmpty }.joined(separator: " ")
    }

    private static func put(
        _ text: String,
        _ columns: Range<Int>,
        _ role: StyleRole,
        _ align: Screen.Alignment,
        _ row: Int,
        _ screen: inout Screen
    ) {
        screen.put(
            text,
            row: row,
            column: columns.lowerBound,
            width: columns.count,
            role: role,
            align: align,
            overflow: .ellipsis
        )
    }

    // MARK: The bar

    /// What an exchange waits for, with its sign: colour alone does not tell.
    private static let signs: [(sign: Character, role: StyleRole)] = [
        ("░", .barHeld), ("┄", .barConnect), ("╌", .barSend), ("▒", .barWork), ("█", .barAnswer),
    ]
    /// For the help screen and the README.
    static let legend =
        "`░` held, `┄` connecting, `╌` request coming, `▒` target working, `█` answer going out, `▶` under way"

    private static func drawBar(
        _ exchange: Exchange,
        _ axis: TimeAxis,
        _ columns: Range<Int>,
        _ now: NIODeadline,
        row: Int,
        on screen: inout Screen
    ) {
        let span = TimelineWindow.span(exchange, now)
        guard let whole = axis.columns(from: span.lowerBound, to: span.upperBound) else {
            // It lies outside of what is shown.
            let isEarlier = span.upperBound < axis.start
            let distance = isEarlier ? axis.start - span.upperBound : span.lowerBound - axis.end
            let text = isEarlier ? "◂ \(Formats.duration(distance)) before" : "\(Formats.duration(distance)) after ▸"
            return put(text, columns, .dim, isEarlier ? .left : .right, row, &screen)
        }
        let phases = ExchangePhases(exchange.times, at: now)
        let amounts = [
            phases.held, phases.connect ?? .zero, phases.send, phases.wait ?? .zero, phases.receive ?? .zero,
        ]
        var from = span.lowerBound
        var drawn = whole.lowerBound
        for (part, amount) in zip(signs, amounts) where amount > .zero {
            let to = from + amount
            defer { from = to }
            guard let place = axis.columns(from: from, to: to) else { continue }
            // Where two phases share a column, the later one has it.
            let end = min(place.upperBound, whole.upperBound)
            for column in max(min(place.lowerBound, end), whole.lowerBound)..<max(end, whole.lowerBound) {
                screen.put(String(part.sign), row: row, column: columns.lowerBound + column, role: part.role)
            }
            drawn = max(drawn, end)
        }
        for column in drawn..<max(drawn, whole.upperBound) {
            let last = signs[phases.receive == nil ? 3 : 4]
            screen.put(String(last.sign), row: row, column: columns.lowerBound + column, role: last.role)
        }
        if span.lowerBound < axis.start { screen.put("◂", row: row, column: columns.lowerBound, role: .dim) }
        let last = columns.lowerBound + whole.upperBound - 1
        if !exchange.state.isOver {
            screen.put("▶", row: row, column: last, role: .streaming)
        } else if exchange.isFailed, case .aborted = exchange.state {
            screen.put("✗", row: row, column: last, role: .failure)
        }
    }
}
