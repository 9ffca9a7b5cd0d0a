/// Moves the cursor of a list, scrolls the open text, and switches between lists and tabs.
enum MoveUpdate {
    private static let wheelRows = 3

    static func move(
        _ action: KeyAction,
        _ key: Key,
        _ state: inout DashboardState,
        _ model: DashboardModel
    ) {
        if case .help(let top) = state.overlay {
            let rows = rows(action, page: state.size.height - 4)
            state.overlay = .help(HelpView.clamped(top + rows, state.size))
            return
        }
        switch (state.context, action) {
        case (_, .nextExchange): moveCursor(.down, &state, model)
        case (_, .previousExchange): moveCursor(.up, &state, model)
        case (.split, .wheelUp), (.split, .wheelDown):
            guard case .mouse(let row, _, _) = key, !state.layout.detail.contains(row) else {
                return scroll(action, key, &state, model)
            }
            moveCursor(action, &state, model)
        case (.split, _), (.detail, _), (.comparison, _): scroll(action, key, &state, model)
        default: moveCursor(action, &state, model)
        }
    }

    /// The rows to move down. For the top and the bottom, more rows than any list has.
    private static func rows(_ action: KeyAction, page: Int) -> Int {
        switch action {
        case .up: -1
        case .down: 1
        case .pageUp: -max(1, page)
        case .pageDown: max(1, page)
        case .halfPageUp: -max(1, page / 2)
        case .halfPageDown: max(1, page / 2)
        case .top: -Int.largestMove
        case .bottom: Int.largestMove
        case .wheelUp: -wheelRows
        case .wheelDown: wheelRows
        default: 0
        }
    }

    // MARK: Lists

    private static func moveCursor(_ action: KeyAction, _ state: inout DashboardState, _ model: DashboardModel) {
        let rows = rows(action, page: state.layout.list.count - 1)
        switch state.list {
        case .requests, .timeline:
            if action == .top { return state.requests.follow() }
            let place = state.requests.place(in: state, model)
            selectRequest(at: place + rows, movedBy: rows, from: place, &state, model)
        case .conversations:
            if action == .top { return state.conversations.follow() }
            let number = state.conversations.number ?? state.conversations.shown
            let place = number.map { model.place(ofConversation: $0, state.freeze) } ?? 0
            selectConversation(at: place + rows, from: place, &state, model)
        case .log:
            let kept = model.logRange(state.freeze)
            guard !kept.isEmpty else { return }
            let scroll = state.logScroll(model, kept)
            state.scrollLog(to: scroll.moved(state.logPlace(scroll, kept), by: rows), scroll, kept)
        }
    }

    private static func selectRequest(
        at wanted: Int,
        movedBy rows: Int,
        from place: Int,
        _ state: inout DashboardState,
        _ model: DashboardModel
    ) {
        // Moving up from the newest row follows new rows from then on.
        if wanted < 0, place == 0 { return state.requests.follow() }
        var page = model.source.page(state.query, from: max(0, wanted), count: 1)
        if page.lines.first?.isEarlierLine == true {
            // The line above earlier runs cannot be selected.
            let next = page.from + (rows < 0 ? -1 : 1)
            guard next >= 0 else { return state.requests.follow() }
            page = model.source.page(state.query, from: next, count: 1)
        }
        guard let row = page.lines.first, !row.isEarlierLine else { return }
        state.requests.line = min(max(0, state.requests.line + page.from - place), max(0, state.layout.list.count - 1))
        state.requests.select(row.number)
    }

    static func selectConversation(
        at wanted: Int,
        from place: Int,
        _ state: inout DashboardState,
        _ model: DashboardModel
    ) {
        if wanted < 0, place == 0 { return state.conversations.follow() }
        let total = model.conversations(state.freeze, from: 0, count: 0).total
        let wanted = min(max(0, wanted), max(0, total - 1))
        guard let row = model.conversations(state.freeze, from: wanted, count: 1).rows.first else { return }
        let line = state.conversations.line + wanted - place
        state.conversations.line = min(max(0, line), max(0, state.layout.list.count - 1))
        state.conversations.select(row.number)
    }

    // MARK: Texts

    private static func scroll(
        _ action: KeyAction,
        _ key: Key,
        _ state: inout DashboardState,
        _ model: DashboardModel
    ) {
        // The wheel scrolls what it points at.
        if case .mouse(let row, let column, _) = key,
            let pane = state.layout.panes.first(where: { $0.contains(row: row, column: column) })
        {
            state.detail?.show(pane.tab)
        }
        guard let reader = state.reader(model) else { return }
        let position = state.comparison?.scroll ?? state.detail?.text.scroll ?? DocumentPosition()
        let moved: DocumentPosition =
            switch action {
            case .top: DocumentPosition()
            case .bottom: reader.end
            default: reader.moved(position, by: rows(action, page: reader.height - 1))
            }
        guard state.comparison == nil else {
            state.comparison?.scroll = moved
            return
        }
        if action == .up || action == .down, moveNode(action, isAtEnd: moved == position, reader, &state) { return }
        state.detail?.text.scroll = moved
        state.detail?.text.followsEnd = moved == reader.end && moved > DocumentPosition()
        state.detail?.text.folds.node = nil
    }

    /// Where the text cannot scroll any further, ↑ and ↓ choose among the nodes on the screen.
    private static func moveNode(
        _ action: KeyAction,
        isAtEnd: Bool,
        _ reader: DocumentScroll,
        _ state: inout DashboardState
    ) -> Bool {
        guard let text = state.detail?.text, let node = reader.node(text) else { return false }
        let visible = reader.visibleNodes(from: text.scroll)
        guard let place = visible.firstIndex(of: node) else { return false }
        let next = action == .down ? place + 1 : place - 1
        guard visible.indices.contains(next), action == .up || isAtEnd else { return false }
        state.detail?.text.folds.node = visible[next]
        return true
    }

    // MARK: Opening and switching

    static func inspect(_ state: inout DashboardState, _ model: DashboardModel) {
        if state.detail != nil {
            state.detail?.isFull = true
            return
        }
        if state.list == .conversations {
            guard let number = state.conversations.number ?? state.conversations.shown,
                let place = Optional(model.place(ofConversation: number, state.freeze)),
                let row = model.conversations(state.freeze, from: place, count: 1).rows.first
            else { return }
            guard let last = row.lastExchange else {
                return state.show(DashboardMessage("no request came in this conversation yet"), at: model.now.monotonic)
            }
            state.list = .requests
            if !model.source.position(of: last, state.query).isThere { state.filter = .all }
            state.requests.select(last)
        }
        guard let shown = state.requests.shown else {
            return state.show(DashboardMessage("no request is selected"), at: model.now.monotonic)
        }
        // Several replays in one line open to lines of their own.
        let place = model.source.position(of: shown, state.query).place
        if case .replays(let group, _)? = model.source.page(state.query, from: place, count: 1).lines.first {
            state.expandedBatches.insert(group.batch)
            return
        }
        // The open exchange must not change while the user reads it.
        state.requests.pin()
        var detail = DetailState()
        detail.listWasAtTop = state.requests.isAtTop
        state.detail = detail
    }

    /// Switches to the next text where two are visible, else to the next tab or list.
    static func switchPane(by step: Int, _ state: inout DashboardState) {
        let panes = state.layout.panes
        guard panes.count > 1, let place = panes.firstIndex(where: { $0.tab == state.detail?.tab }) else {
            return switchTab(by: step, &state)
        }
        state.detail?.show(panes[(place + step + panes.count) % panes.count].tab)
    }

    static func switchTab(by step: Int, _ state: inout DashboardState) {
        let current = state.detail?.tab.rawValue ?? state.list.rawValue
        let count = state.detail == nil ? DashboardState.List.allCases.count : DetailState.Tab.allCases.count
        switchTab(to: (current - 1 + step + count) % count + 1, &state)
    }

    /// Switches to a tab of the open detail, or to a list if no detail is open.
    static func switchTab(to number: Int, _ state: inout DashboardState) {
        if state.detail != nil {
            if let tab = DetailState.Tab(rawValue: number) { state.detail?.show(tab) }
        } else if let list = DashboardState.List(rawValue: number) {
            state.list = list
        }
    }
}

extension ListCursor {
    /// The place of the selected request, counted from the newest.
    func place(in state: DashboardState, _ model: DashboardModel) -> Int {
        guard let number = number ?? shown else { return 0 }
        return model.source.position(of: number, state.query).place
    }
}

extension Int {
    /// More rows than any list or text has, and small enough not to overflow.
    fileprivate static let largestMove = 1 << 40
}
