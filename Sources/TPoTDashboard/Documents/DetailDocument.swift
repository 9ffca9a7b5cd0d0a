import TPoTTraffic

/// A text to read, line by line: what stands before the body, and the body, whose lines are made when they are looked
/// at.
package struct DetailDocument: Sendable {
    private let lines: [StyledLine]
    private let body: BodyText?

    init(_ lines: [StyledLine], body: BodyText? = nil) {
        self.lines = lines
        self.body = body
    }

    package var count: Int { lines.count + (body?.count ?? 0) }

    package func line(_ index: Int) -> StyledLine {
        if lines.indices.contains(index) { return lines[index] }
        return body.map { StyledLine($0.line(index - lines.count)) } ?? StyledLine()
    }
}

/// The first row of a document that is shown: a row of a line, since long lines take several.
package struct DocumentPosition: Hashable, Sendable, Comparable {
    package var line = 0
    package var row = 0

    package init(line: Int = 0, row: Int = 0) {
        self.line = line
        self.row = row
    }

    package static func < (one: Self, other: Self) -> Bool { (one.line, one.row) < (other.line, other.row) }
}
