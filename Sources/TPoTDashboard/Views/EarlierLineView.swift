import TPoTCapture

/// The line between the requests of this run and those of earlier ones: `── earlier: 2026-11-26 14:02 and before ──`.
enum EarlierLineView {
    /// The columns of its text.
    static let width = " earlier: 2026-11-26 14:02 and before ".count

    static func draw(_ line: EarlierLine, _ facts: DashboardFacts, row: Int, on screen: inout Screen) {
        screen.rule(row: row)
        let date = facts.minute(line.unixNanoseconds)
        screen.put(" earlier: \(date) and before ", row: row, column: 4, role: .dim)
    }
}
