import TPoTInspect

/// The text of an open detail, line by line. The lines of the body are made on demand.
package struct DetailDocument: Sendable {
    /// What the text is, for the line above it: `▸ 10 headers   json 620 B`. Nil if there is nothing to say.
    package let heading: StyledLine?
    /// The number of lines before the body.
    let bodyStart: Int
    private let lines: [StyledLine]
    private let body: BodyText?
    private let rest: [StyledLine]
    private let folding: FoldedBody?

    /// - Parameter rest: the lines after the body.
    init(
        _ lines: [StyledLine],
        heading: StyledLine? = nil,
        body: BodyText? = nil,
        after rest: [StyledLine] = []
    ) {
        self.init(heading: heading, lines: lines, body: body, rest: rest, folding: nil)
    }

    private init(
        heading: StyledLine?,
        lines: [StyledLine],
        body: BodyText?,
        rest: [StyledLine],
        folding: FoldedBody?
    ) {
        self.heading = heading
        self.lines = lines
        self.body = body
        self.rest = rest
        self.folding = folding
        bodyStart = lines.count
    }

    private var bodyCount: Int { folding?.count ?? body?.count ?? 0 }
    private var bodyEnd: Int { lines.count + bodyCount }

    package var count: Int { bodyEnd + rest.count }

    package func line(_ index: Int) -> StyledLine {
        if lines.indices.contains(index) { return lines[index] }
        if rest.indices.contains(index - bodyEnd) { return rest[index - bodyEnd] }
        guard let body else { return StyledLine() }
        guard let folding else { return StyledLine(body.line(index - lines.count)) }
        return folding.line(index - lines.count, of: body)
    }
}

// MARK: - Folding

extension DetailDocument {
    /// The nodes of the body; nil if it is not JSON that is laid out.
    var nodes: JSONNodes? { body?.nodes }

    /// The same text with these nodes folded.
    func folded(_ folds: FoldState) -> DetailDocument {
        guard !folds.lines.isEmpty, let body, let nodes = body.nodes else { return self }
        let folding = FoldedBody(nodes, folds: folds.lines, count: body.count)
        return DetailDocument(heading: heading, lines: lines, body: body, rest: rest, folding: folding)
    }

    /// The same text with nothing folded.
    var unfolded: DetailDocument {
        DetailDocument(heading: heading, lines: lines, body: body, rest: rest, folding: nil)
    }

    /// The headers are shown line by line.
    var headersAreOpen: Bool { heading?.text.hasPrefix("▾") ?? true }

    /// The line of the whole text that is shown at a line of this one.
    func wholeIndex(of index: Int) -> Int {
        if let line = bodyLine(at: index) { return bodyStart + line }
        return index < bodyStart ? index : index + (body?.count ?? 0) - bodyCount
    }

    /// The line of this text at which a line of the whole one is shown.
    func index(ofWhole line: Int) -> Int {
        guard line >= bodyStart else { return line }
        let count = body?.count ?? 0
        return line < bodyStart + count ? index(ofBodyLine: line - bodyStart) : line - count + bodyCount
    }

    /// The line of the body that is shown at a line of the text; nil for other lines.
    func bodyLine(at index: Int) -> Int? {
        let place = index - lines.count
        guard place >= 0, place < bodyCount else { return nil }
        return folding?.bodyLine(at: place) ?? place
    }

    /// The line of the text at which a line of the body is shown. If it is folded away, the line of its node.
    func index(ofBodyLine line: Int) -> Int {
        lines.count + (folding?.place(of: line) ?? line)
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
