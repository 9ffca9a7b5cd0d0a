import TPoTInspect

/// The text of an open detail, line by line. The lines of the body are made on demand.
package struct DetailDocument: Sendable {
    private let lines: [StyledLine]
    private let body: BodyText?
    private let rest: [StyledLine]

    /// - Parameter rest: the lines after the body.
    init(_ lines: [StyledLine], body: BodyText? = nil, after rest: [StyledLine] = []) {
        self.lines = lines
        self.body = body
        self.rest = rest
    }

    private var bodyEnd: Int { lines.count + (body?.count ?? 0) }

    package var count: Int { bodyEnd + rest.count }

    package func line(_ index: Int) -> StyledLine {
        if lines.indices.contains(index) { return lines[index] }
        if rest.indices.contains(index - bodyEnd) { return rest[index - bodyEnd] }
        return body.map { StyledLine($0.line(index - lines.count)) } ?? StyledLine()
    }
}

/// The first row of a document on the screen. A long line takes several rows, so a line alone is not enough.
package struct DocumentPosition: Hashable, Sendable, Comparable {
    package var line = 0
    package var row = 0

    package init(line: Int = 0, row: Int = 0) {
        self.line = line
        self.row = row
    }

    package static func < (one: Self, other: Self) -> Bool { (one.line, one.row) < (other.line, other.row) }
}
