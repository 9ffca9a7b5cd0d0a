import NIOCore
import TPoTCapture

/// What the mouse did before, and what it can click on besides lists and texts.
struct MouseState: Sendable {
    /// A key in the help bar, where the last picture shows it.
    struct Hint: Hashable, Sendable {
        var columns: Range<Int>
        var key: Key
    }

    var hints: [Hint] = []
    /// The button was pressed on the line between list and detail, and is not released.
    var holdsDivider = false
    /// The row of the last click, and when it was.
    var lastClick: (number: UInt64, time: NIODeadline)?
}

/// Clicks: on rows, tabs, column titles, the help bar, texts, and on the line between list and detail.
enum MouseUpdate {
    /// Two clicks on a row within this time open it.
    private static let doubleClick = TimeAmount.milliseconds(400)

    static func take(
        _ action: KeyAction,
        _ key: Key,
        _ state: inout DashboardState,
        _ model: DashboardModel
    ) -> [DashboardCommand] {
        guard case .mouse(let row, let column, _) = key else { return [] }
        if action == .release {
            let holdsDivider = state.mouse.holdsDivider
            state.mouse.holdsDivider = false
            if holdsDivider, state.layout.detailTitle != row {
                state.listRows = max(1, row - state.layout.list.lowerBound)
            }
            return []
        }
        let layout = state.layout
        if row == layout.helpBar {
            guard let hint = state.mouse.hints.first(where: { $0.columns.contains(column) }) else { return [] }
            return DashboardUpdate.update(&state, .key(hint.key), model)
        }
        if row == layout.tabs, let list = TabLineView.list(at: column, state) {
            state.list = list
        } else if row == layout.columnTitles, state.list == .requests {
            sort(at: column, &state, model)
        } else if row == layout.detailTitle {
            if state.comparison == nil, let tab = DetailTitleView.tab(at: column, state) {
                state.detail?.show(tab)
            } else {
                state.mouse.holdsDivider = state.context == .split
            }
        } else if state.comparison != nil, layout.detail.contains(row) {
            ComparisonUpdate.click(row: row, &state, model)
        } else if let pane = layout.panes.first(where: { $0.contains(row: row, column: column) }) {
            click(pane, row: row, &state, model)
        } else if layout.list.contains(row) {
            click(line: row - layout.list.lowerBound, &state, model)
        }
        return []
    }

    /// Sorts by the column whose title was clicked; by arrival again if the list is sorted by it already.
    private static func sort(at x: Int, _ state: inout DashboardState, _ model: DashboardModel) {
        let columns = RequestColumns(
            width: state.size.width,
            newest: model.newest(state.query),
            hidden: state.memory.hiddenColumns
        )
        guard let column = columns.column(at: x) else { return }
        let order = column.order == state.order ? .newestFirst : column.order
        guard order != state.order else { return }
        state.sort(order, model)
    }

    private static func click(line: Int, _ state: inout DashboardState, _ model: DashboardModel) {
        switch state.list {
        case .requests, .timeline:
            let place = state.requests.place(in: state, model)
            let wanted = place - state.requests.line + line
            guard wanted >= 0 else { return }
            let page = model.source.page(state.query, from: wanted, count: 1)
            // A click below the last row selects nothing.
            guard page.from == wanted, let row = page.lines.first, !row.isEarlierLine else { return }
            state.requests.line = line
            state.requests.select(row.number)
            noteClick(on: row.number, &state, model)
        case .conversations:
            let number = state.conversations.number ?? state.conversations.shown
            let place = number.map { model.place(ofConversation: $0, state.freeze) } ?? 0
            let wanted = place - state.conversations.line + line
            guard wanted >= 0, wanted < model.conversations(state.freeze, from: 0, count: 0).total else { return }
            MoveUpdate.selectConversation(at: wanted, from: place, &state, model)
            if let number = state.conversations.number { noteClick(on: number, &state, model) }
        case .log: break
        }
    }

    /// Opens a row at the second click in a short time.
    private static func noteClick(on number: UInt64, _ state: inout DashboardState, _ model: DashboardModel) {
        let now = model.now.monotonic
        if let last = state.mouse.lastClick, last.number == number, now - last.time <= doubleClick {
            state.mouse.lastClick = nil
            if state.list.hasRequests { state.requests.shown = number } else { state.conversations.shown = number }
            MoveUpdate.inspect(&state, model)
        } else {
            state.mouse.lastClick = (number, now)
        }
    }

    /// A click into a text gives it the keys. On its heading it folds the headers, on a node of JSON that node.
    private static func click(
        _ pane: DetailPane,
        row: Int,
        _ state: inout DashboardState,
        _ model: DashboardModel
    ) {
        state.detail?.show(pane.tab)
        guard row != pane.heading else { return SearchUpdate.foldHeaders(&state, model) }
        guard let text = state.detail?.text, let reader = state.reader(model), let nodes = reader.document.nodes,
            let line = reader.line(atRow: row - pane.rows.lowerBound, from: text.scroll),
            let node = reader.document.bodyLine(at: line), nodes.node(at: node) != nil
        else { return }
        state.detail?.text.folds.node = node
        state.detail?.text.folds.toggle(node)
    }
}

extension DashboardState {
    /// Gives the list above an open detail more rows, or fewer.
    mutating func moveDivider(by rows: Int) {
        listRows = layout.list.count + rows
        // What there is room for, so that the next press is seen.
        listRows = layout.list.count
    }

    mutating func sort(_ order: CaptureOrder, _ model: DashboardModel) {
        self.order = order
        // The selected request stays selected, wherever it stands now.
        requests.pin()
        show(DashboardMessage("sorted by \(order.words)"), at: model.now.monotonic)
    }
}

extension RequestColumn {
    /// What a click on its title sorts by.
    fileprivate var order: CaptureOrder {
        switch self {
        case .number, .time, .remote: .newestFirst
        case .event, .request: CaptureOrder(.event)
        case .status: CaptureOrder(.status)
        case .took: CaptureOrder(.took)
        case .bytesIn, .bytesOut: CaptureOrder(.size)
        }
    }
}
