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
