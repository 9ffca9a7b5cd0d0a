extension Screen {
    /// What to do with text that is longer than its field.
    package enum Overflow: Sendable {
        case cut
        /// `…` replaces the end.
        case ellipsis
        /// `…` replaces the beginning.
        case ellipsisAtStart
    }

    package enum Alignment: Sendable { case left, right }

    /// Writes one line of text. Cells of the field beyond the text stay unchanged.
    /// - Parameters:
    ///   - width: the columns of the field; by default up to the right edge.
    ///   - skipping: the columns to leave out at the beginning of the text, for lines that scroll sideways.
    /// - Returns: the columns that the text took.
    @discardableResult
    package mutating func put(
        _ text: some StringProtocol,
        row: Int,
        column: Int,
        width fieldWidth: Int? = nil,
        role: StyleRole = .plain,
        align: Alignment = .left,
        overflow: Overflow = .cut,
        skipping: Int = 0
    ) -> Int {
        let column = Self.clamped(column)
        let room = fieldWidth.map { min(max($0, 0), Self.largest.width * 2) } ?? max(width - column, 0)
        guard 0..<height ~= row, room > 0 else { return 0 }
        var run = Run(row: row, column: column, end: column + room, role: role)
        if overflow == .cut, align == .left {
            draw(DisplayPieces(text), run: &run, skipping: max(skipping, 0))
            return run.column - column
        }
        let skipping = min(max(skipping, 0), 1 << 40)
        // A text that is cut at its beginning must be measured whole, any other only as far as it is visible.
        let measured = overflow == .ellipsisAtStart ? Int.max : skipping + room + 1
        let columns = max(DisplayWidth.columns(text, stoppingAt: measured) - skipping, 0)
        if columns <= room {
            if align == .right { run.column += room - columns }
            let start = run.column
            draw(DisplayPieces(text), run: &run, skipping: skipping)
            return run.column - start
        }
        switch overflow {
        case .cut:
            draw(DisplayPieces(text), run: &run, skipping: skipping)
        case .ellipsis:
            run.end -= 1
            draw(DisplayPieces(text), run: &run, skipping: skipping)
            run.end += 1
            draw(DisplayPieces("…"), run: &run, skipping: 0)
        case .ellipsisAtStart:
            draw(DisplayPieces("…"), run: &run, skipping: 0)
            draw(DisplayPieces(text), run: &run, skipping: skipping + columns - (room - 1))
        }
        return run.column - column
    }

    /// Fills a rectangle with one narrow character, or with blanks if `character` is not narrow.
    package mutating func fill(
        row: Int,
        column: Int,
        width: Int,
        height: Int = 1,
        with character: Character = " ",
        role: StyleRole = .plain
    ) {
        var pieces = DisplayPieces(String(character))
        let piece = pieces.next()
        let isNarrow = piece?.width == 1
        let cell = Cell(
            base: isNarrow ? piece?.base ?? " " : " ",
            marks: isNarrow ? piece?.marks ?? [] : [],
            width: 1,
            role: role
        )
        let rows = Self.range(from: row, count: height, within: self.height)
        let columns = Self.range(from: column, count: width, within: self.width)
        for row in rows {
            for column in columns { set(cell, row: row, column: column) }
        }
    }

    /// Draws a line of `─`, by default up to the right edge.
    package mutating func rule(row: Int, column: Int = 0, width: Int? = nil, role: StyleRole = .rule) {
        fill(row: row, column: column, width: width ?? Self.largest.width * 2, with: "─", role: role)
    }

    /// Changes the role of cells that are already drawn, as for a selected row or a search hit.
    package mutating func paint(_ role: StyleRole, row: Int, column: Int = 0, width: Int? = nil) {
        guard 0..<height ~= row else { return }
        let columns = Self.range(from: column, count: width ?? Self.largest.width * 2, within: self.width)
        guard !columns.isEmpty else { return }
        // Both halves of a wide character must have the same role.
        let base = row * self.width
        let start = cells[base + columns.lowerBound].width == 0 ? columns.lowerBound - 1 : columns.lowerBound
        let hasRightHalf = columns.upperBound < self.width && cells[base + columns.upperBound].width == 0
        for column in start..<columns.upperBound + (hasRightHalf ? 1 : 0) {
            cells[base + column].role = role
        }
    }

    /// Marks cells that are already drawn as selected. They keep their roles. To be called last: cells that are drawn
    /// later are not selected.
    package mutating func select(row: Int, column: Int = 0, width: Int? = nil) {
        guard 0..<height ~= row else { return }
        let columns = Self.range(from: column, count: width ?? Self.largest.width * 2, within: self.width)
        for column in columns { cells[row * self.width + column].isSelected = true }
    }

    /// Copies rows of another screen to this one, starting at a column.
    mutating func paste(_ other: Screen, rows: Range<Int>, column: Int) {
        for row in rows.clamped(to: 0..<min(height, other.height)) {
            for (offset, cell) in other.row(row).enumerated() where cell.width > 0 {
                let place = column + offset
                if place >= 0, place + Int(cell.width) <= width { set(cell, row: row, column: place) }
            }
        }
    }

    // MARK: Pieces

    private struct Run {
        let row: Int
        var column: Int
        /// The first column after the field.
        var end: Int
        let role: StyleRole
    }

    private mutating func draw(_ pieces: DisplayPieces, run: inout Run, skipping: Int) {
        var left = skipping
        for piece in pieces {
            if left >= piece.width {
                left -= piece.width
                continue
            }
            // The left half of a wide character is outside of the field, so the right half becomes a blank.
            if left > 0 {
                run.column += piece.width - left
                left = 0
                setBlank(row: run.row, column: run.column - 1, role: run.role)
                continue
            }
            guard run.column + piece.width <= run.end else {
                return
            }
            set(piece, run: run)
            run.column += piece.width
            if run.column >= run.end { return }
        }
    }

    private mutating func set(_ piece: DisplayPieces.Piece, run: Run) {
        guard run.column >= 0, run.column + piece.width <= width else {
            for column in run.column..<run.column + piece.width {
                setBlank(row: run.row, column: column, role: run.role)
            }
            return
        }
        if let partner = piece.partner {
            set(Cell(base: piece.base, marks: [], width: 1, role: run.role), row: run.row, column: run.column)
            set(Cell(base: partner, marks: [], width: 1, role: run.role), row: run.row, column: run.column + 1)
        } else {
            let cell = Cell(base: piece.base, marks: piece.marks, width: Int8(piece.width), role: run.role)
            set(cell, row: run.row, column: run.column)
        }
    }

    private mutating func setBlank(row: Int, column: Int, role: StyleRole) {
        guard 0..<width ~= column else { return }
        set(.blank(role), row: row, column: column)
    }

    // MARK: Numbers

    private static func clamped(_ column: Int) -> Int {
        min(max(column, -1_000_000), largest.width)
    }

    private static func range(from start: Int, count: Int, within limit: Int) -> Range<Int> {
        let start = clamped(start)
        let end = start + min(max(count, 0), largest.width * 2)
        let lower = min(max(start, 0), limit)
        return lower..<max(lower, min(end, limit))
    }
}
