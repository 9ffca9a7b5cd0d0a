import TPoTWire

/// The URL and the state, for a terminal that has room for nothing else.
enum TinyView {
    static func draw(_ picture: DashboardPicture, on screen: inout Screen) {
        let state = TunnelStateText(picture.tunnel, at: picture.drawn.monotonic)
        let url = VisibleText.text(picture.tunnel.url ?? "no public URL yet", limit: 300)
        guard screen.height > 1 else {
            // In one line the URL has the room; the sign says the state.
            let used = screen.put(state.sign + " ", row: 0, column: 0, role: state.role)
            screen.put(url, row: 0, column: used, role: .url, overflow: .ellipsis)
            return
        }
        screen.put(state.text, row: 0, column: 0, role: state.role, overflow: .ellipsis)
        var row = 1
        for line in DisplayText.wrapped(url, columns: max(2, screen.width)) where row < screen.height {
            screen.put(line, row: row, column: 0, role: .url)
            row += 1
        }
    }
}
