/// The keys that matter most here, or a message that has just come.
enum HelpBarView {
    /// Of a message.
    private static let mostRows = 4

    static func draw(_ picture: DashboardPicture, on screen: inout Screen) {
        guard let row = picture.layout.helpBar, picture.state.prompt == nil else { return }
        if let message = picture.state.message?.message {
            return draw(message, lastRow: row, on: &screen)
        }
        var column = 1
        let hints = KeyBindings.hints(in: picture.state.context).map { ($0, undoing($0, picture)) }
        // What waits, traffic or picture, has to be let go again: that comes first.
        for (hint, undoing) in hints.filter({ $0.1 != nil }) + hints.filter({ $0.1 == nil }) {
            let label = undoing ?? hint.label
            let width = DisplayWidth.columns(hint.key) + 1 + DisplayWidth.columns(label)
            guard column + width <= screen.width - 1 else { break }
            let used = screen.put(hint.key, row: row, column: column, role: .keyHint)
            screen.put(label, row: row, column: column + used + 1, role: .keyLabel)
            column += width + 2
        }
    }

    /// A long message takes rows from what is above: it is gone soon, and until then it is what matters.
    private static func draw(_ message: DashboardMessage, lastRow: Int, on screen: inout Screen) {
        let text = message.isFailure ? "! \(message.text)" : message.text
        let role: StyleRole = message.isFailure ? .failure : .message
        let lines = DisplayText.wrapped(text, columns: screen.width - 2, atBlanks: true)
        let shown = lines.prefix(mostRows)
        let first = lastRow - shown.count + 1
        if shown.count > 1 { screen.fill(row: first, column: 0, width: screen.width, height: shown.count) }
        for (index, line) in shown.enumerated() {
            // What does not fit at all is cut where one sees it.
            let rest = index == shown.count - 1 && lines.count > shown.count ? text[line.startIndex...] : line
            let width = screen.width - 2
            screen.put(rest, row: first + index, column: 1, width: width, role: role, overflow: .ellipsis)
        }
    }

    /// What pressing again means; nil when it is the same.
    private static func undoing(_ hint: KeyGroup.Hint, _ picture: DashboardPicture) -> String? {
        switch hint.key {
        case "p" where picture.tunnel.isHolding: "let go"
        case "space" where picture.state.freeze != nil: "go on"
        default: nil
        }
    }
}
