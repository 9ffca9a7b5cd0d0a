/// The help: all keys, drawn over everything else.
enum HelpView {
    private static let keyWidth = 24

    static func draw(from top: Int, on screen: inout Screen) {
        let lines = lines(screen.size)
        screen.fill(row: 0, column: 0, width: screen.width, height: screen.height)
        screen.rule(row: 0)
        screen.put(" Keys ", row: 0, column: 2, role: .title)
        let room = room(screen.size)
        let top = clamped(top, screen.size)
        if lines.count > room {
            let text = " \(top + 1) to \(min(lines.count, top + room)) of \(lines.count) "
            screen.put(text, row: 0, column: max(10, screen.width - 2 - text.count), role: .dim)
        }
        for (index, line) in lines.dropFirst(top).prefix(room).enumerated() {
            var column = 1
            for span in line.spans {
                column += screen.put(span.text, row: index + 1, column: column, role: span.role)
            }
        }
        var column = 1
        for (key, label) in [("esc", "back"), ("↑ ↓", "move")] {
            column += screen.put(key, row: screen.height - 1, column: column, role: .keyHint) + 1
            column += screen.put(label, row: screen.height - 1, column: column, role: .keyLabel) + 2
        }
    }

    /// Limits the first visible line to what the text and the screen allow.
    static func clamped(_ top: Int, _ size: ScreenSize) -> Int {
        max(0, min(top, lines(size).count - room(size)))
    }

    private static func room(_ size: ScreenSize) -> Int { max(1, size.height - 2) }

    /// The whole help for a screen of this width.
    private static func lines(_ size: ScreenSize) -> [StyledLine] {
        let isWide = size.width >= 60
        let indent = isWide ? keyWidth : 4
        let columns = max(10, size.width - 2 - indent)
        var lines: [StyledLine] = []
        for section in KeyBindings.sections {
            if !lines.isEmpty { lines.append(StyledLine()) }
            lines.append(StyledLine(section.title, .title))
            lines += self.lines(section, isWide: isWide, indent: indent, columns: columns)
        }
        return lines
    }

    private static func lines(_ section: KeySection, isWide: Bool, indent: Int, columns: Int) -> [StyledLine] {
        var lines: [StyledLine] = []
        for group in section.groups {
            let keys = DisplayText.wrapped(group.plainKeys, columns: isWide ? keyWidth - 2 : columns, atBlanks: true)
            let meaning = DisplayText.wrapped(group.plainMeaning, columns: columns, atBlanks: true)
            if isWide {
                for index in 0..<max(keys.count, meaning.count) {
                    let key = index < keys.count ? String(keys[index]) : ""
                    let blanks = String(repeating: " ", count: max(0, indent - DisplayWidth.columns(key)))
                    let text = index < meaning.count ? String(meaning[index]) : ""
                    lines.append(StyledLine([.init(key, .keyHint), .init(blanks), .init(text)]))
                }
            } else {
                lines += keys.map { StyledLine(String($0), .keyHint) }
                lines += meaning.map { StyledLine(String(repeating: " ", count: indent) + $0) }
            }
        }
        return lines
    }
}
