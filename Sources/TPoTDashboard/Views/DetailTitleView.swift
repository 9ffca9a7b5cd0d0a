import TPoTTraffic

/// The line above an open text: what it is, and where one is in it.
///
///     ── 412 POST /webhooks/stripe ── Request ── Response ── Timing ─────────────────────────────── pretty  34% ──
enum DetailTitleView {
    static func draw(_ picture: DashboardPicture, on screen: inout Screen) {
        guard let row = picture.layout.detailTitle else { return }
        screen.rule(row: row)
        var column = 2
        func put(_ text: String, _ role: StyleRole, width: Int? = nil) {
            let room = min(width ?? .max, screen.width - column)
            column += screen.put(text, row: row, column: column, width: room, role: role, overflow: .ellipsis)
        }
        if let comparison = picture.state.comparison {
            let text = " \(comparison.number) ↻ \(comparison.original): the replay's response compared "
            put(text, .title, width: screen.width - 4)
        } else if let detail = picture.state.detail {
            let title = " \(title(picture.document?.content, detail.number)) "
            put(title, .title, width: titleWidth(detail, screen.width))
            for tab in DetailState.Tab.allCases {
                column += 2
                put(text(tab, detail, screen.width), tab == detail.tab ? .activeTab : .inactiveTab)
            }
        }
        drawPlace(picture, from: column, row: row, on: &screen)
    }

    private static func drawPlace(_ picture: DashboardPicture, from end: Int, row: Int, on screen: inout Screen) {
        guard let document = picture.document else { return }
        var words: [String] = []
        if let detail = picture.state.detail, picture.state.comparison == nil, detail.tab != .timing {
            switch detail.mode {
            case .pretty: break
            case .raw: words.append("raw")
            case .hex: words.append("hex")
            }
        }
        let count = document.text.count
        if count > picture.layout.detail.count || document.scroll.line > 0 {
            words.append("line \(document.scroll.line + 1) of \(Formats.grouped(count))")
        }
        let text = " \(words.joined(separator: "  ")) "
        let start = screen.width - 2 - text.count
        guard !words.isEmpty, start > end + 1 else { return }
        screen.put(text, row: row, column: start, role: .dim)
    }

    /// The tab that stands there.
    static func tab(at column: Int, _ state: DashboardState, _ model: DashboardModel) -> DetailState.Tab? {
        guard let detail = state.detail else { return nil }
        let content = detail.number.flatMap { model.source.detail($0) }
        let text = " \(title(content, detail.number)) "
        var start = 2 + min(DisplayWidth.columns(text), titleWidth(detail, state.size.width))
        for tab in DetailState.Tab.allCases {
            start += 2
            let end = start + self.text(tab, detail, state.size.width).count
            if start..<end ~= column { return tab }
            start = end
        }
        return nil
    }

    private static func titleWidth(_ detail: DetailState, _ width: Int) -> Int {
        let tabs = DetailState.Tab.allCases.reduce(0) { $0 + 2 + text($1, detail, width).count }
        return max(8, width - 4 - tabs)
    }

    /// The others are numbers only where there is little room.
    private static func text(_ tab: DetailState.Tab, _ detail: DetailState, _ width: Int) -> String {
        width < 60 && tab != detail.tab ? " \(tab.rawValue) " : " \(tab.title) "
    }

    private static func title(_ content: CapturedExchange?, _ number: UInt64?) -> String {
        guard let exchange = content?.exchange else { return number.map { "\($0)" } ?? "" }
        let method = VisibleText.text(exchange.method, limit: 20)
        let path = VisibleText.text(exchange.target, limit: 400)
        return [method, path].reduce("\(exchange.number)") { $1.isEmpty ? $0 : "\($0) \($1)" }
    }
}
