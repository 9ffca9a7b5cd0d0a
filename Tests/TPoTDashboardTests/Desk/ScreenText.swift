@testable import TPoTDashboard

/// The screen as tests write it down.
extension Screen {
    /// One string a row, without the blanks at its end.
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

    /// One string a row with the ``StyleRole/letter`` of every column, without the plain ones at its end.
    var roles: [String] {
        (0..<height).map { row in
            var line = self.row(row).map(\.role.letter)
            while line.last == StyleRole.plain.letter { line.removeLast() }
            return String(line)
        }
    }
}
