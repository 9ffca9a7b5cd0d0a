/// A line made of parts. The less important parts are left out when there is little room.
struct LineParts {
    struct Part {
        var spans: [StyledLine.Span]
        /// Columns before the part, unless it is the first.
        var gap = 3
        /// Parts with the lowest importance are dropped first. Parts without one stay.
        var importance: Int?
        /// The part is aligned to the right end of the line.
        var isAtRight = false

        var columns: Int { spans.reduce(0) { $0 + DisplayWidth.columns($1.text) } }
    }

    var parts: [Part] = []

    mutating func add(
        _ text: String,
        _ role: StyleRole,
        gap: Int = 3,
        importance: Int? = nil,
        isAtRight: Bool = false
    ) {
        add([.init(text, role)], gap: gap, importance: importance, isAtRight: isAtRight)
    }

    mutating func add(
        _ spans: [StyledLine.Span],
        gap: Int = 3,
        importance: Int? = nil,
        isAtRight: Bool = false
    ) {
        parts.append(Part(spans: spans, gap: gap, importance: importance, isAtRight: isAtRight))
    }

    /// The columns of all parts together.
    var columns: Int {
        parts.enumerated().reduce(0) { $0 + $1.element.columns + ($1.offset == 0 ? 0 : $1.element.gap) }
    }

    /// The line without the parts that have to be dropped to fit into `columns`.
    func fitted(_ columns: Int) -> LineParts {
        var line = self
        while line.columns > columns {
            let least = line.parts.indices.filter { line.parts[$0].importance != nil }
                .min { (line.parts[$0].importance ?? 0, -$0) < (line.parts[$1].importance ?? 0, -$1) }
            guard let least else { break }
            line.parts.remove(at: least)
        }
        return line
    }

    /// Draws the line between two columns. If it is still too long, it is cut.
    func draw(row: Int, from start: Int, to end: Int, on screen: inout Screen) {
        let line = fitted(end - start)
        var column = start
        for (index, part) in line.parts.enumerated() where !part.isAtRight {
            if index > 0 { column += part.gap }
            column += Self.put(part, row: row, column: column, end: end, on: &screen)
        }
        let right = line.parts.filter(\.isAtRight)
        let width = right.enumerated().reduce(0) { $0 + $1.element.columns + ($1.offset == 0 ? 0 : $1.element.gap) }
        column = max(column, end - width)
        for (index, part) in right.enumerated() {
            if index > 0 { column += part.gap }
            column += Self.put(part, row: row, column: column, end: end, on: &screen)
        }
    }

    private static func put(_ part: Part, row: Int, column: Int, end: Int, on screen: inout Screen) -> Int {
        var used = 0
        for span in part.spans {
            let room = end - column - used
            guard room > 0 else { break }
            used += screen.put(
                span.text,
                row: row,
                column: column + used,
                width: room,
                role: span.role,
                overflow: .ellipsis
            )
        }
        return used
    }
}
