@testable import TPoTDashboard

/// The screen as text, for comparisons in tests.
extension Screen {
    /// One string for each row, without trailing blanks.
    var text: [String] {
        (0..<height).map { row in
            var line = String.UnicodeScalarView()
            for cell in self.row(row) where cell.width > 0 {
                line.append(cell.base)
                line.append(contentsOf: cell.marks)
            }
            while line.last == " " { line.removeLast() }
            return String(line)
        }
    }

    /// One string for each row with the ``StyleRole/letter`` of each column, without trailing plain ones. A selected row has
    /// the letter of ``StyleRole/selectedRow`` where its role is plain.
    var roles: [String] {
        (0..<height).map { row in
            var line = self.row(row).map { cell in
                cell.isSelected && cell.role == .plain ? StyleRole.selectedRow.letter : cell.role.letter
            }
            while line.last == StyleRole.plain.letter { line.removeLast() }
            return String(line)
        }
    }
}
