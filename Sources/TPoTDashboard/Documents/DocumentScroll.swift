/// Moves through a document by rows of the screen. It looks at as many lines as it moves, however long the document is.
struct DocumentScroll {
    let document: DetailDocument
    let columns: Int
    let height: Int

    func moved(_ position: DocumentPosition, by rows: Int) -> DocumentPosition {
        let moved = rows < 0 ? backward(position, -rows) : forward(position, rows)
        return min(moved, end)
    }

    /// Where the last row of the document stands in the last row of the screen, or its first row in the first.
    var end: DocumentPosition {
        guard document.count > 0 else { return DocumentPosition() }
        let last = document.count - 1
        let position = DocumentPosition(line: last, row: rows(last) - 1)
        return backward(position, max(0, height - 1))
    }

    /// A position that was made for another size or another state of the document.
    func clamped(_ position: DocumentPosition) -> DocumentPosition {
        guard document.count > 0 else { return DocumentPosition() }
        var position = position
        position.line = min(max(position.line, 0), document.count - 1)
        position.row = min(max(position.row, 0), rows(position.line) - 1)
        return min(position, end)
    }

    /// The position that shows a line, a third from the top where it was not to be seen before.
    func showing(line: Int, offset: Int, from position: DocumentPosition) -> DocumentPosition {
        let row = document.line(line).rows(columns: columns).lastIndex { $0.lowerBound <= offset } ?? 0
        let target = DocumentPosition(line: line, row: row)
        let last = forward(position, max(0, height - 1))
        if position <= target, target <= last { return position }
        return min(backward(target, height / 3), end)
    }

    private func rows(_ line: Int) -> Int {
        document.line(line).rows(columns: columns).count
    }

    private func forward(_ position: DocumentPosition, _ count: Int) -> DocumentPosition {
        var position = position
        for _ in 0..<max(0, count) {
            if position.row + 1 < rows(position.line) {
                position.row += 1
            } else if position.line + 1 < document.count {
                position = DocumentPosition(line: position.line + 1)
            } else {
                break
            }
        }
        return position
    }

    private func backward(_ position: DocumentPosition, _ count: Int) -> DocumentPosition {
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
