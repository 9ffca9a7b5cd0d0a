/// Scrolls a document by rows of the screen.
struct DocumentScroll {
    let document: DetailDocument
    let pane: DetailPane
    private let columns: Int
    private let scroll: RowScroll
    var height: Int { pane.rows.count }

    init(document: DetailDocument, pane: DetailPane) {
        self.document = document
        self.pane = pane
        let columns = max(1, pane.columns.count - 2)
        let height = pane.rows.count
        self.columns = columns
        scroll = RowScroll(count: document.count, height: height) {
            document.line($0).rows(columns: columns).count
        }
    }

    var end: DocumentPosition { scroll.end }

    func moved(_ position: DocumentPosition, by rows: Int) -> DocumentPosition { scroll.moved(position, by: rows) }

    func clamped(_ position: DocumentPosition) -> DocumentPosition { scroll.clamped(position) }

    /// The line of the text at a row of the pane; nil below its end.
    func line(atRow row: Int, from position: DocumentPosition) -> Int? {
        let place = scroll.forward(position, row)
        return scroll.forward(position, row - 1) == place && row > 0 ? nil : place.line
    }

    /// The position at which a line is visible. A line that was not visible before lands a third from the top.
    func showing(line: Int, offset: Int, from position: DocumentPosition) -> DocumentPosition {
        let row = document.line(line).rows(columns: columns).lastIndex { $0.lowerBound <= offset } ?? 0
        let target = DocumentPosition(line: line, row: row)
        let last = scroll.forward(position, max(0, height - 1))
        if position <= target, target <= last { return position }
        return min(scroll.backward(target, height / 3), end)
    }
}

// MARK: - Nodes of JSON

extension DocumentScroll {
    /// The node that `z` acts on, by its line in the body: the chosen one if it is visible, else the first visible one
    /// that is not the whole text. Nil if no node begins on the screen.
    func node(_ text: DetailState.Text) -> Int? {
        let visible = visibleNodes(from: text.scroll)
        if let chosen = text.folds.node, visible.contains(chosen) { return chosen }
        return visible.first
    }

    /// The nodes that begin on the screen, by their lines in the body.
    func visibleNodes(from position: DocumentPosition) -> [Int] {
        guard let nodes = document.nodes else { return [] }
        var lines: [Int] = []
        let last = scroll.forward(position, max(0, height - 1)).line
        for index in position.line...max(position.line, last) {
            guard let line = document.bodyLine(at: index), nodes.node(at: line) != nil else { continue }
            lines.append(line)
        }
        let hasOuter = lines.first.map { $0 == nodes.first(from: 0)?.lines.lowerBound && $0 == 0 } ?? false
        return hasOuter && lines.count > 1 ? Array(lines.dropFirst()) : lines
    }
}

/// Scrolls lines that may each take several rows of the screen. The cost depends on the distance moved, not on the
/// number of lines.
struct RowScroll {
    /// The number of lines.
    let count: Int
    /// The rows of the screen.
    let height: Int
    /// How many rows a line takes; at least one.
    let rows: (Int) -> Int

    func moved(_ position: DocumentPosition, by rows: Int) -> DocumentPosition {
        let moved = rows < 0 ? backward(position, -rows) : forward(position, rows)
        return min(moved, end)
    }

    /// The lowest position: the last row of the text is in the last row of the screen. A short text stays at its top.
    var end: DocumentPosition {
        guard count > 0 else { return DocumentPosition() }
        return backward(DocumentPosition(line: count - 1, row: rows(count - 1) - 1), max(0, height - 1))
    }

    /// Brings a position from another screen size or an older text into range.
    func clamped(_ position: DocumentPosition) -> DocumentPosition {
        guard count > 0 else { return DocumentPosition() }
        var position = position
        position.line = min(max(position.line, 0), count - 1)
        position.row = min(max(position.row, 0), rows(position.line) - 1)
        return min(position, end)
    }

    func forward(_ position: DocumentPosition, _ count: Int) -> DocumentPosition {
        var position = position
        for _ in 0..<max(0, count) {
            if position.row + 1 < rows(position.line) {
                position.row += 1
            } else if position.line + 1 < self.count {
                position = DocumentPosition(line: position.line + 1)
            } else {
                break
            }
        }
        return position
    }

    func backward(_ position: DocumentPosition, _ count: Int) -> DocumentPosition {
        var position = position
        for _ in 0..<max(0, count) {
            if position.row > 0 {
                position.row -= 1
            } else if position.line > 0 {
                position.line -= 1
                position.row = rows(position.line) - 1
            } else {
                break
            }
        }
        return position
    }
}
