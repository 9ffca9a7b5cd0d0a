/// Moves through a document by rows of the screen.
struct DocumentScroll {
    let document: DetailDocument
    let height: Int
    private let columns: Int
    private let scroll: RowScroll

    init(document: DetailDocument, columns: Int, height: Int) {
        self.document = document
        self.columns = columns
        self.height = height
        scroll = RowScroll(count: document.count, height: height) {
            document.line($0).rows(columns: columns).count
        }
    }

    var end: DocumentPosition { scroll.end }

    func moved(_ position: DocumentPosition, by rows: Int) -> DocumentPosition { scroll.moved(position, by: rows) }

    func clamped(_ position: DocumentPosition) -> DocumentPosition { scroll.clamped(position) }

    /// The position that shows a line, a third from the top where it was not to be seen before.
    func showing(line: Int, offset: Int, from position: DocumentPosition) -> DocumentPosition {
        let row = document.line(line).rows(columns: columns).lastIndex { $0.lowerBound <= offset } ?? 0
        let target = DocumentPosition(line: line, row: row)
        let last = scroll.forward(position, max(0, height - 1))
        if position <= target, target <= last { return position }
        return min(scroll.backward(target, height / 3), end)
    }
}
