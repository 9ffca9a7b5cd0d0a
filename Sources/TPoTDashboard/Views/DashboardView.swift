import TPoTWire

/// The whole picture. Each region has its own view.
package enum DashboardView {
    package static func draw(_ picture: DashboardPicture) -> Screen {
        var screen = Screen(picture.state.size)
        let layout = picture.layout
        guard !layout.isTiny else {
            TinyView.draw(picture, on: &screen)
            return screen
        }
        HeaderView.draw(picture, on: &screen)
        NoticeView.draw(picture, on: &screen)
        TotalsView.draw(picture, on: &screen)
        drawList(picture, on: &screen)
        DetailTitleView.draw(picture, on: &screen)
        DocumentView.draw(picture, on: &screen)
        HelpBarView.draw(picture, on: &screen)
        switch picture.state.overlay {
        case .help(let top): HelpView.draw(from: top, on: &screen)
        case .qrCode: QRView.draw(picture, on: &screen)
        case .columns(let place): ColumnChooserView.draw(place, picture, on: &screen)
        case nil: break
        }
        // Drawn last, so that nothing covers the prompt and its cursor.
        PromptView.draw(picture, on: &screen)
        return screen
    }

    private static func drawList(_ picture: DashboardPicture, on screen: inout Screen) {
        TabLineView.draw(picture, on: &screen)
        switch picture.state.list {
        case .requests: RequestTableView.draw(picture, on: &screen)
        case .conversations: ConversationTableView.draw(picture, on: &screen)
        case .timeline: TimelineView.draw(picture, on: &screen)
        case .log: LogView.draw(picture, on: &screen)
        }
    }
}

/// The URL, the state and the failures, for a terminal without room for anything else.
enum TinyView {
    static func draw(_ picture: DashboardPicture, on screen: inout Screen) {
        let state = TunnelStateText(picture.tunnel, at: picture.drawn.monotonic)
        let url = VisibleText.text(picture.tunnel.url ?? "no public URL yet", limit: 300)
        let failing = picture.totals.failing
        guard screen.height > 1 else {
            // In a single line the URL gets the room, and the sign alone shows the state.
            var used = screen.put(state.sign + " ", row: 0, column: 0, role: state.role)
            if failing > 0 { used += screen.put("\(failing)✗ ", row: 0, column: used, role: .failure) }
            screen.put(url, row: 0, column: used, role: .url, overflow: .ellipsis)
            return
        }
        let failures = failing > 0 ? "  \(Formats.grouped(failing)) failing" : ""
        // The failures stay whole; of the state, its sign is enough.
        let room = max(2, screen.width - failures.count)
        let used = screen.put(state.text, row: 0, column: 0, width: room, role: state.role, overflow: .ellipsis)
        screen.put(failures, row: 0, column: used, role: .failure)
        var row = 1
        for line in DisplayText.wrapped(url, columns: max(2, screen.width)) where row < screen.height {
            screen.put(line, row: row, column: 0, role: .url)
            row += 1
        }
    }
}
