/// The open texts, each with a line above it that says what it is. Search hits are highlighted.
enum DocumentView {
    static func draw(_ picture: DashboardPicture, on screen: inout Screen) {
        for document in picture.documents where !picture.layout.detail.isEmpty {
            var pane = Screen(width: document.pane.columns.count, height: screen.height)
            drawHeading(document, isAlone: picture.documents.count == 1, on: &pane)
            drawText(document, on: &pane)
            let first = document.pane.heading ?? document.pane.rows.lowerBound
            screen.paste(pane, rows: first..<document.pane.rows.upperBound, column: document.pane.columns.lowerBound)
        }
        guard let left = picture.documents.first?.pane.columns.upperBound, left < screen.width else { return }
        for row in picture.layout.detail { screen.put("│", row: row, column: left, role: .rule) }
    }

    /// `[REQUEST]  ▸ 10 headers   json 620 bytes                                         raw  line 34 of 61`
    private static func drawHeading(_ document: DashboardPicture.Document, isAlone: Bool, on screen: inout Screen) {
        guard let row = document.pane.heading else { return }
        let place = place(document)
        let room = screen.width - 1 - (place.isEmpty ? 0 : DisplayWidth.columns(place) + 2)
        var column = 1
        func put(_ text: String, _ role: StyleRole) {
            column += screen.put(
                text,
                row: row,
                column: column,
                width: max(0, room - column),
                role: role,
                overflow: .ellipsis
            )
        }
        if !isAlone {
            let name = document.pane.tab.title.uppercased()
            put(document.isFocused ? "[\(name)]" : " \(name) ", document.isFocused ? .activeTab : .inactiveTab)
            put("  ", .plain)
        }
        for span in document.text.heading?.spans ?? [] { put(span.text, span.role) }
        screen.put(place, row: row, column: screen.width - 1 - DisplayWidth.columns(place), role: .dim)
    }

    /// The body's mode unless it is `pretty`, the hits of the search, and the line unless the whole text is visible.
    private static func place(_ document: DashboardPicture.Document) -> String {
        var words: [String] = []
        switch document.mode {
        case .pretty: break
        case .raw: words.append("raw")
        case .hex: words.append("hex")
        }
        if let hits = document.search?.hitText { words.append(hits) }
        let count = document.text.count
        if count > document.pane.rows.count || document.scroll.line > 0 {
            words.append("line \(Formats.grouped(document.scroll.line + 1)) of \(Formats.grouped(count))")
        }
        return words.joined(separator: "  ")
    }

    private static func drawText(_ document: DashboardPicture.Document, on screen: inout Screen) {
        let columns = max(1, screen.width - 2)
        let needle = document.search?.needle ?? []
        var row = document.pane.rows.lowerBound
        var position = document.scroll
        while row < document.pane.rows.upperBound, position.line < document.text.count {
            let line = document.text.line(position.line)
            let hits = line.hits(of: needle)
            let current = document.search?.hit.flatMap {
                document.text.index(ofWhole: $0.line) == position.line ? $0.offset : nil
            }
            let isFolded = document.folded.contains(position.line)
            if position.row == 0, isFolded || document.node == position.line {
                let role: StyleRole = document.node == position.line ? .marker : .dim
                screen.put(isFolded ? "▸" : "▾", row: row, column: 0, role: role)
            }
            for part in line.rows(columns: columns).dropFirst(position.row) {
                guard row < document.pane.rows.upperBound else { return }
                draw(line, part, row: row, on: &screen)
                for hit in hits where hit.overlaps(part) {
                    let role: StyleRole = hit.lowerBound == current ? .currentSearchHit : .searchHit
                    paint(hit.clamped(to: part), of: line, part, role, row: row, on: &screen)
                }
                row += 1
            }
            position = DocumentPosition(line: position.line + 1)
        }
    }

    private static func draw(_ line: StyledLine, _ part: Range<Int>, row: Int, on screen: inout Screen) {
        var column = 1
        for span in line.slice(part) {
            column += screen.put(span.text, row: row, column: column, role: span.role)
        }
    }

    private static func paint(
        _ hit: Range<Int>,
        of line: StyledLine,
        _ part: Range<Int>,
        _ role: StyleRole,
        row: Int,
        on screen: inout Screen
    ) {
        func columns(_ range: Range<Int>) -> Int {
            line.slice(range).reduce(0) { $0 + DisplayWidth.columns($1.text) }
        }
        let start = columns(part.lowerBound..<hit.lowerBound)
        screen.paint(role, row: row, column: 1 + start, width: columns(hit))
    }
}
