/// A picture for a terminal: rows of cells, each with a character and a role. It is a value and needs no terminal.
///
/// Anything drawn outside is cut off. A wide character is drawn whole or not at all: at an edge, or when something
/// overwrites one half, a blank takes its place.
package struct Screen: Equatable, Sendable {
    /// The largest size. No real terminal is larger, so a larger claimed size is clamped.
    package static let largest = ScreenSize(width: 2000, height: 1000)

    package let width: Int
    package let height: Int
    /// All cells, row by row.
    package internal(set) var cells: [Cell]
    /// The cursor's position while the user types; nil hides the cursor.
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

    /// The cells of one row; empty outside of the screen.
    package func row(_ row: Int) -> ArraySlice<Cell> {
        guard 0..<height ~= row else { return [] }
        return cells[row * width..<(row + 1) * width]
    }

    package func cell(row: Int, column: Int) -> Cell? {
        guard 0..<height ~= row, 0..<width ~= column else { return nil }
        return cells[row * width + column]
    }

    /// Sets one cell. The caller makes sure that both halves of a wide one fit.
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

/// The position of a cell, counted from 0 at the top left.
package struct ScreenPosition: Hashable, Sendable {
    package var row: Int
    package var column: Int

    package init(row: Int, column: Int) {
        self.row = row
        self.column = column
    }
}

/// One column of one row: a character with its combining marks, its role, and whether it is selected.
///
/// A wide character has width 2, and a cell of width 0 follows it. Only ``Screen`` makes cells, from ``DisplayPieces``,
/// so no cell ever holds a control character.
package struct Cell: Hashable, Sendable {
    package let base: Unicode.Scalar
    /// Combining marks, drawn over the base; nearly always empty.
    package let marks: [Unicode.Scalar]
    /// 1 or 2 columns, or 0 for the right half of the preceding wide character.
    package let width: Int8
    package internal(set) var role: StyleRole
    /// The cell belongs to the selected row. It is shown in reverse and keeps its role's colour.
    package internal(set) var isSelected = false

    static func blank(_ role: StyleRole) -> Cell {
        Cell(base: " ", marks: [], width: 1, role: role)
    }

    static func rightHalf(_ role: StyleRole) -> Cell {
        Cell(base: " ", marks: [], width: 0, role: role)
    }
}
