import TPoTCapture
import TPoTWire

/// The line above an open detail or comparison.
///
///     ── 412 POST /webhooks/stripe  500  1.6 ms  Stripe invoice.paid ── 1 Request ── 2 Response ── 3 Timing ── J K next ──
enum DetailTitleView {
    private static let smallestTitle = 24
    private static let next = " J K next "

    static func draw(_ picture: DashboardPicture, on screen: inout Screen) {
        guard let row = picture.layout.detailTitle else { return }
        screen.rule(row: row)
        if let comparison = picture.state.comparison {
            let isReplay = picture.content?.exchange.replayOf == comparison.original
            let text =
                isReplay ? "↻ \(comparison.original): the replay compared" : "and \(comparison.original) compared"
            let title = " \(comparison.number) \(text) "
            let used = screen.put(
                title,
                row: row,
                column: 2,
                width: screen.width - 4,
                role: .title,
                overflow: .ellipsis
            )
            let count = Formats.count(comparison.total, "difference")
            let place = comparison.difference.map { " \($0 + 1) of \(count) " } ?? " \(count) "
            let start = screen.width - 2 - DisplayWidth.columns(place)
            if start > used + 4 { screen.put(place, row: row, column: start, role: .dim) }
        } else if let detail = picture.state.detail {
            let tabs = tabs(detail, screen.width)
            var column = 2
            let end = (tabs.first?.columns.lowerBound ?? screen.width) - 2
            for part in title(picture.content, detail.number, room: end - column) {
                column += screen.put(
                    part.text,
                    row: row,
                    column: column,
                    width: max(0, end - column),
                    role: part.role,
                    overflow: .ellipsis
                )
            }
            for tab in tabs {
                let role: StyleRole = tab.tab == detail.tab ? .activeTab : .inactiveTab
                screen.put(tab.text, row: row, column: tab.columns.lowerBound, role: role)
            }
            if hasRoomForNext(screen.width) {
                screen.put(next, row: row, column: screen.width - 2 - next.count, role: .dim)
            }
        }
    }

    /// The tab at a column.
    static func tab(at column: Int, _ state: DashboardState) -> DetailState.Tab? {
        guard let detail = state.detail else { return nil }
        return tabs(detail, state.size.width).first { $0.columns.contains(column) }?.tab
    }

    private static func hasRoomForNext(_ width: Int) -> Bool { width >= 100 }

    /// The tabs, at the right end of the line. With little room, only the active one has a name.
    private static func tabs(
        _ detail: DetailState,
        _ width: Int
    ) -> [(tab: DetailState.Tab, text: String, columns: Range<Int>)] {
        var column = width - 2 - (hasRoomForNext(width) ? next.count + 2 : 0)
        var tabs: [(tab: DetailState.Tab, text: String, columns: Range<Int>)] = []
        for tab in DetailState.Tab.allCases.reversed() {
            let isNamed = width >= 72 || tab == detail.tab
            let text = isNamed ? " \(tab.rawValue) \(tab.title) " : " \(tab.rawValue) "
            column -= text.count
            tabs.append((tab, text, column..<column + text.count))
            column -= 2
        }
        return tabs.reversed()
    }

    /// `412 POST /webhooks/stripe  500  1.6 ms  Stripe invoice.payment_failed`. The path gives way to the rest. Without
    /// room for all, what the request means counts more than where it went: `412 Stripe invoice.payment_failed  500`.
    private static func title(_ content: CapturedExchange?, _ number: UInt64?, room: Int) -> [StyledLine.Span] {
        guard let exchange = content?.exchange else {
            return number.map { [.init(" \($0) ", .title)] } ?? []
        }
        let status = StatusCell(exchange)
        var facts = [Fact(.init("  \(status.text)", status.role), importance: 9)]
        if exchange.state.isOver, let end = exchange.times.responseEnded ?? exchange.times.ended {
            let time = Formats.duration(exchange.times.taken(at: end))
            facts.append(Fact(.init("  \(time)", .plain), importance: 2))
        }
        let method = VisibleText.text(exchange.method, limit: 20)
        let path = VisibleText.text(exchange.target, limit: 400)
        var name = [method, path].reduce(" \(exchange.number)") { $1.isEmpty ? $0 : "\($0) \($1)" }
        func width() -> Int { facts.reduce(1) { $0 + DisplayWidth.columns($1.span.text) } }
        if let delivery = content?.row.delivery {
            let words = [delivery.sender, delivery.event].compactMap { $0 }.joined(separator: " ")
            let text = VisibleText.text(words, limit: 60)
            let needed = width() + 2 + DisplayWidth.columns(text) + min(DisplayWidth.columns(name), smallestTitle)
            if needed > room, delivery.event != nil {
                name = " \(exchange.number) \(text)"
            } else if !words.isEmpty {
                facts.append(Fact(.init("  \(text)", .plain), importance: delivery.event == nil ? 1 : 4))
            }
        }
        if let signature = content.flatMap({ SignatureWords($0.row) }) {
            let text = signature.fitted(room - width() - min(DisplayWidth.columns(name), smallestTitle) - 2)
            facts.append(Fact(.init(" \(text)", signature.role), importance: 3))
        }
        // The least important fact goes first until the path has room.
        let smallest = min(DisplayWidth.columns(name), smallestTitle)
        while facts.count > 1, room - width() < smallest {
            let least = facts.map(\.importance).min()
            facts.removeAll { $0.importance == least }
        }
        guard room - width() >= smallest else { return [.init(name + " ", .title)] }
        return [.init(DisplayText.fitted(name, columns: room - width()), .title)] + facts.map(\.span)
            + [.init(" ", .plain)]
    }

    /// Something about the request. The least important one goes first.
    private struct Fact {
        var span: StyledLine.Span
        var importance: Int

        init(_ span: StyledLine.Span, importance: Int) {
            self.span = span
            self.importance = importance
        }
    }
}
