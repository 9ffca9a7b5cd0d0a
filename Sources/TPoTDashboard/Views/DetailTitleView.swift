import TPoTCapture
import TPoTWire

/// The line above an open text: its title and tabs, and the scroll position.
///
///     ── 412 POST /webhooks/stripe ── 1 Request ── 2 Response ── 3 Timing ─────────────── raw  line 34 of 61 ──
enum DetailTitleView {
    private static let smallestTitle = 8

    static func draw(_ picture: DashboardPicture, on screen: inout Screen) {
        guard let row = picture.layout.detailTitle else { return }
        screen.rule(row: row)
        let place = picture.document.map { Self.place(picture.state, $0.text.count, $0.scroll) } ?? ""
        var column = 2
        func put(_ text: String, _ role: StyleRole, width: Int? = nil) {
            let room = min(width ?? .max, screen.width - column)
            column += screen.put(text, row: row, column: column, width: room, role: role, overflow: .ellipsis)
        }
        if let comparison = picture.state.comparison {
            let isReplay = picture.document?.content?.exchange.replayOf == comparison.original
            let text =
                isReplay ? "↻ \(comparison.original): the replay compared" : "and \(comparison.original) compared"
            put(" \(comparison.number) \(text) ", .title, width: screen.width - 4 - place.count)
        } else if let detail = picture.state.detail {
            let title = " \(title(picture.document?.content, detail.number)) "
            put(title, .title, width: titleWidth(detail, screen.width, place))
            for tab in DetailState.Tab.allCases {
                column += 2
                put(text(tab, detail, screen.width), tab == detail.tab ? .activeTab : .inactiveTab)
            }
        }
        let start = screen.width - 2 - place.count
        guard !place.isEmpty, start > column + 1 else { return }
        screen.put(place, row: row, column: start, role: .dim)
    }

    /// The body's mode unless it is `pretty`, and the line unless the whole text is visible.
    private static func place(_ state: DashboardState, _ count: Int, _ scroll: DocumentPosition) -> String {
        var words: [String] = []
        if let detail = state.detail, state.comparison == nil, detail.tab != .timing {
            switch detail.mode {
            case .pretty: break
            case .raw: words.append("raw")
            case .hex: words.append("hex")
            }
        }
        if count > state.layout.detail.count || scroll.line > 0 {
            words.append("line \(Formats.grouped(scroll.line + 1)) of \(Formats.grouped(count))")
        }
        return words.isEmpty ? "" : " \(words.joined(separator: "  ")) "
    }

    /// The tab at a column.
    static func tab(at column: Int, _ state: DashboardState, _ model: DashboardModel) -> DetailState.Tab? {
        guard let detail = state.detail else { return nil }
        let place = state.reader(model).map { Self.place(state, $0.document.count, detail.scroll) } ?? ""
        let text = " \(title(state.openText(model)?.content, detail.number)) "
        let layout = state.layout
        let width = layout.detailWidth
        var start = (layout.divider ?? -1) + 1 + 2
        start += min(DisplayWidth.columns(text), titleWidth(detail, width, place))
        for tab in DetailState.Tab.allCases {
            start += 2
            let end = start + self.text(tab, detail, width).count
            if start..<end ~= column { return tab }
            start = end
        }
        return nil
    }

    /// The columns that the tabs leave for the title. The scroll position gets its share only if enough is left.
    private static func titleWidth(_ detail: DetailState, _ width: Int, _ place: String) -> Int {
        let tabs = DetailState.Tab.allCases.reduce(0) { $0 + 2 + text($1, detail, width).count }
        let room = width - 4 - tabs
        let beside = room - place.count - 2
        return beside >= smallestTitle ? beside : max(smallestTitle, room)
    }

    /// The text of a tab. With little room, only the active tab has a name, and the others are numbers.
    private static func text(_ tab: DetailState.Tab, _ detail: DetailState, _ width: Int) -> String {
        width < 72 && tab != detail.tab ? " \(tab.rawValue) " : " \(tab.rawValue) \(tab.title) "
    }

    private static func title(_ content: CapturedExchange?, _ number: UInt64?) -> String {
        guard let exchange = content?.exchange else { return number.map { "\($0)" } ?? "" }
        let method = VisibleText.text(exchange.method, limit: 20)
        let path = VisibleText.text(exchange.target, limit: 400)
        return [method, path].reduce("\(exchange.number)") { $1.isEmpty ? $0 : "\($0) \($1)" }
    }
}
