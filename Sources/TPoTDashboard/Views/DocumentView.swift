/// An open text: the visible rows of a document, with search hits highlighted.
enum DocumentView {
    static func draw(_ picture: DashboardPicture, on screen: inout Screen) {
        guard let document = picture.document, !picture.layout.detail.isEmpty else { return }
        let columns = max(1, screen.width - 2)
        let needle = document.search?.needle ?? []
        var row = picture.layout.detail.lowerBound
        var position = document.scroll
        while row < picture.layout.detail.upperBound, position.line < document.text.count {
            let line = document.text.line(position.line)
            let hits = line.hits(of: needle)
            let current = document.search?.hit.flatMap { $0.line == position.line ? $0.offset : nil }
            for part in line.rows(columns: columns).dropFirst(position.row) {
                guard row < picture.layout.detail.upperBound else { return }
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
