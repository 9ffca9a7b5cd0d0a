/// A picture for a terminal: rows of cells, each with a character and a role. A value, without any terminal.
///
/// Whatever is drawn outside is cut off. A wide character is there whole or not at all: at an edge, and where something
/// is drawn over one of its halves, a blank takes its place.
package struct Screen: Equatable, Sendable {
    /// No terminal is larger; what claims to be gets this much.
    package static let largest = ScreenSize(width: 2000, height: 1000)

    package let width: Int
    package let height: Int
    /// Row after row.
    package internal(set) var cells: [Cell]
    /// Where the cursor stands while something is typed; else it is hidden.
    package var cursor: ScreenPosition?

    package init(width: Int, height: Int) {
        self.width = min(max(width, 0), Self.largest.width)
        self.height = min(max(height, 0), Self.largest.height)
        cells = Array(repeating: .blank(.plain), count: self.width * self.height)
    }

    package init(_ size: ScreenSize) {
        self.init(width: size.width, height: size.height)
    }

    package var size: ScreenSize { ScreenSize(width: width, height: height) }

    /// The cells of one row; none outside of the screen.
    package func row(_ row: Int) -> ArraySlice<Cell> {
        guard 0..<height ~= row else { return [] }
        return cells[row * width..<(row + 1) * width]
    }

    package func cell(row: Int, column: Int) -> Cell? {
        guard 0..<height ~= row, 0..<width ~= column else { return nil }
        return cells[row * width + column]
    }

    /// Puts `cell` there; a wide one has to have room for both halves.
    mutating func set(_ cell: Cell, row: Int, column: Int) {
        let index = row * width + column
        let columns = Int(cell.width)
        if cells[index].width == 0 {
            cells[index - 1] = .blank(cells[index - 1].role)
        }
        let after = column + columns
        if after < width, cells[index + columns].width == 0 {
            cells[index + columns] = .blank(cells[index + columns].role)
        }
        cells[index] = cell
        if columns == 2 {
            cells[index + 1] = .rightHalf(cell.role)
        }
    }
}

/// Columns and rows of a terminal.
package struct ScreenSize: Hashable, Sendable {
    package var width: Int
    package var height: Int

    package init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }
}

/// A cell's place, counted from 0 at the top left.
package struct ScreenPosition: Hashable, Sendable {
    package var row: Int
    package var column: Int

    package init(row: Int, column: Int) {
        self.row = row
        self.column = column
    }
}

/// One column of one row: a character with its combining marks, and what it means.
///
/// A wide character has the width 2 and is followed by a cell of width 0. Cells are made by ``Screen`` only, from
/// ``DisplayPieces``: none ever holds a control character.
package struct Cell: Hashable, Sendable {
    package let base: Unicode.Scalar
    /// Drawn over the base; nearly always empty.
    package let marks: [Unicode.Scalar]
    /// 1 or 2 columns; 0 is the right half of the wide character before it.
    package let width: Int8
    package internal(set) var role: StyleRole

    static func blank(_ role: StyleRole) -> Cell {
        Cell(base: " ", marks: [], width: 1, role: role)
    }

    static func rightHalf(_ role: StyleRole) -> Cell {
        Cell(base: " ", marks: [], width: 0, role: role)
    }
}
