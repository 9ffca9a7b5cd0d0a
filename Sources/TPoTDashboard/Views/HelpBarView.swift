/// The most important keys of the context, or a recent message.
enum HelpBarView {
    /// The most rows of a message.
    private static let rowLimit = 4

    static func draw(_ picture: DashboardPicture, on screen: inout Screen) {
        guard let row = picture.layout.helpBar, picture.state.prompt == nil else { return }
        if let message = picture.state.message?.message {
            let text = message.isFailure ? "! \(message.text)" : message.text
            return draw(text, message.isFailure ? .failure : .message, lastRow: row, on: &screen)
        }
        for hint in hints(picture) {
            screen.put(hint.key, row: row, column: hint.columns.lowerBound, role: .keyHint)
            let used = DisplayWidth.columns(hint.key) + 1
            screen.put(hint.label, row: row, column: hint.columns.lowerBound + used, role: .keyLabel)
        }
    }

    private struct PlacedHint {
        var key: String
        var label: String
        var columns: Range<Int>
    }

    /// The places of the keys that can be clicked on; of a hint with several keys, each.
    static func places(_ picture: DashboardPicture) -> [MouseState.Hint] {
        guard picture.layout.helpBar != nil, picture.state.prompt == nil, picture.state.message == nil else {
            return []
        }
        return hints(picture).flatMap { hint in
            var places: [MouseState.Hint] = []
            var column = hint.columns.lowerBound
            for name in hint.key.split(separator: " ") {
                let width = DisplayWidth.columns(String(name)) + 1
                if let key = KeyPattern.key(named: String(name)) {
                    places.append(MouseState.Hint(columns: column..<column + width, key: key))
                }
                column += width
            }
            // The label stands for what goes on: → of `← →`, J of `J K`.
            if let usual = places.first(where: { $0.key == .right }) ?? places.first {
                places.append(MouseState.Hint(columns: column..<hint.columns.upperBound, key: usual.key))
            }
            return places
        }
    }

    /// Those that have room.
    private static func hints(_ picture: DashboardPicture) -> [PlacedHint] {
        var placed: [PlacedHint] = []
        var column = 1
        let hints = KeyBindings.hints(in: picture.state.context).filter { picture.abilities.contains($0.needs) }
            .map { ($0, undoing($0, picture)) }
        // The keys that end a hold or a freeze come first.
        for (hint, undoing) in hints.filter({ $0.1 != nil }) + hints.filter({ $0.1 == nil }) {
            let label = undoing ?? hint.label
            let width = DisplayWidth.columns(hint.key) + 1 + DisplayWidth.columns(label)
            guard column + width <= picture.state.size.width - 1 else { break }
            placed.append(PlacedHint(key: hint.key, label: label, columns: column..<column + width))
            column += width + 2
        }
        return placed
    }

    /// Draws a message or a question. A long one covers the rows above, because it matters most and disappears soon.
    static func draw(_ text: String, _ role: StyleRole, lastRow: Int, on screen: inout Screen) {
        let lines = DisplayText.wrapped(text, columns: screen.width - 2, atBlanks: true)
        let shown = lines.prefix(rowLimit)
        let first = lastRow - shown.count + 1
        if shown.count > 1 { screen.fill(row: first, column: 0, width: screen.width, height: shown.count) }
        for (index, line) in shown.enumerated() {
            // A message that does not fit ends with a visible `…`.
            let rest = index == shown.count - 1 && lines.count > shown.count ? text[line.startIndex...] : line
            let width = screen.width - 2
            screen.put(rest, row: first + index, column: 1, width: width, role: role, overflow: .ellipsis)
        }
    }

    /// The label of a key that ends what it started; nil if that is not under way.
    private static func undoing(_ hint: KeyGroup.Hint, _ picture: DashboardPicture) -> String? {
        switch hint.key {
        case "p" where picture.tunnel.isHolding: "release"
        case "space" where picture.state.freeze != nil && picture.state.context != .columns: "go on"
        default: nil
        }
    }
}
