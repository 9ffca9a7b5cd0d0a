/// The keys that matter most here, or a message that has just come.
enum HelpBarView {
    static func draw(_ picture: DashboardPicture, on screen: inout Screen) {
        guard let row = picture.layout.helpBar, picture.state.prompt == nil else { return }
        if let message = picture.state.message?.message {
            let text = message.isFailure ? "! \(message.text)" : message.text
            let role: StyleRole = message.isFailure ? .failure : .message
            screen.put(text, row: row, column: 1, width: screen.width - 2, role: role, overflow: .ellipsis)
            return
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

    /// What pressing again means; nil when it is the same.
    private static func undoing(_ hint: KeyGroup.Hint, _ picture: DashboardPicture) -> String? {
        switch hint.key {
        case "p" where picture.tunnel.isHolding: "let go"
        case "space" where picture.state.freeze != nil: "go on"
        default: nil
        }
    }
}
