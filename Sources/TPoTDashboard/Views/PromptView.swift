import TPoTWire

/// The prompt in the last line, with the typed text and its cursor.
enum PromptView {
    static func draw(_ picture: DashboardPicture, on screen: inout Screen) {
        guard let row = picture.layout.helpBar, let prompt = picture.state.prompt else { return }
        switch prompt {
        case .filter(let field):
            let (hint, role) = filterHint(picture)
            put("filter:", field, hint, role, row, on: &screen)
        case .palette(let palette):
            PaletteView.draw(palette, picture, on: &screen)
            put(":", palette.field, "enter runs it, esc for none", .dim, row, on: &screen)
        case .search(let field):
            put("search:", field, "enter finds, n and N continue", .dim, row, on: &screen)
        case .hold(let field):
            let hint = "method: path: remote: from: header: -word; enter holds"
            put("hold:", field, mistake(picture) ?? hint, hintRole(picture), row, on: &screen)
        case .refusal(let number, let field):
            let hint = "its connection closes; esc: it stays held"
            let question = "refuse \(number) with status"
            put(question, field, mistake(picture) ?? hint, hintRole(picture), row, on: &screen)
        case .replayCount(let number, let field):
            let count = PromptUpdate.largestCount
            // The error about a wrong answer is shown next to the answer.
            let message = picture.state.message?.message
            let hint = message?.text ?? "1 to \(count), esc for none"
            put("replay \(number) how many times?", field, hint, hintRole(picture), row, on: &screen)
        case .confirm(let question):
            HelpBarView.draw(text(question, picture), .warning, lastRow: row, on: &screen)
        case .copy, .save:
            var column = 1
            let isCopy = picture.state.context == .copying
            column += screen.put(isCopy ? "copy:" : "save the body of:", row: row, column: column, role: .prompt) + 2
            for (key, label) in isCopy ? copies(screen.width) : saves {
                column += screen.put(key, row: row, column: column, role: .keyHint) + 1
                column += screen.put(label, row: row, column: column, role: .keyLabel) + 2
            }
        }
    }

    private static func text(_ question: DashboardQuestion, _ picture: DashboardPicture) -> String {
        switch question {
        case .endTunnel:
            let held = picture.tunnel.isHolding ? ", and held visitors are refused" : ""
            return "end the tunnel? Its URL stops working\(held). q or y ends it, any other key stays"
        case .clear(let count):
            let rows = Formats.count(count, "request")
            return "clear \(rows)? Marked ones and open ones stay. X or y clears, any other key does not"
        }
    }

    /// Why the last answer was not taken, which is shown next to it.
    private static func mistake(_ picture: DashboardPicture) -> String? {
        picture.state.message.flatMap { $0.message.isFailure ? $0.message.text : nil }
    }

    private static func hintRole(_ picture: DashboardPicture) -> StyleRole { mistake(picture) == nil ? .dim : .warning }

    /// What a key did, a likely mistake, or what can be typed.
    private static func filterHint(_ picture: DashboardPicture) -> (String, StyleRole) {
        if let message = picture.state.message?.message {
            return (message.text, message.isFailure ? .warning : .message)
        }
        if let hint = picture.state.filter.hint { return (hint, .warning) }
        let terms = "method: status: path: remote: body: -word"
        guard picture.state.size.width >= 120 else { return (terms, .dim) }
        let history = picture.state.memory.history.isEmpty ? "" : "↑ used before   "
        return (history + "ctrl-s keeps it   " + terms, .dim)
    }

    private static let saves = [("1", "request"), ("2", "response"), ("esc", "nothing")].map {
        (key: $0.0, label: $0.1)
    }

    private static func copies(_ width: Int) -> [(key: String, label: String)] {
        let isWide = width >= 80
        return [
            ("u", isWide ? "its URL" : "URL"), ("U", isWide ? "public URL" : "public"),
            ("c", isWide ? "curl command" : "curl"),
            ("b", "body"), ("h", "head"), ("esc", "nothing"),
        ]
    }

    private static func put(
        _ question: String,
        _ field: TextField,
        _ hint: String,
        _ role: StyleRole,
        _ row: Int,
        on screen: inout Screen
    ) {
        let start = 1 + screen.put(question, row: row, column: 1, role: .prompt) + 1
        let hintColumns = DisplayWidth.columns(hint)
        // What answers a key must stay readable, so the text field makes room for it if possible.
        let matters = role != .dim
        let beside = screen.width - start - hintColumns - 4
        let room = matters && beside >= 8 ? beside : max(1, screen.width - start - 1)
        let before = DisplayWidth.columns(VisibleText.text(field.textBeforeCursor))
        let text = VisibleText.text(field.text)
        // A long text scrolls so that the cursor stays visible.
        let skipped = max(0, before - room + 1)
        let used = screen.put(text, row: row, column: start, width: room, role: .input, skipping: skipped)
        screen.cursor = ScreenPosition(row: row, column: start + before - skipped)
        let free = screen.width - 1 - hintColumns
        guard free >= start + used + 3 else {
            // An answer that does not fit beside the text is above it.
            if matters, row > 0 {
                screen.fill(row: row - 1, column: 0, width: screen.width, height: 1)
                HelpBarView.draw(hint, role, lastRow: row - 1, on: &screen)
            }
            return
        }
        screen.put(hint, row: row, column: free, role: role)
    }
}
