import TPoTWire

/// How the log stands on the screen: what is too long for a row goes on below its beginning.
///
///     12:00:00.123  warning  the target could not be reached: connection
///                            refused
struct LogText {
    /// A row of the screen.
    struct Row {
        /// Nil for the rows that go on with a line.
        var head: (time: String, level: LogLine.Level)?
        var text: String
        var level: LogLine.Level
    }

    let hasMilliseconds: Bool
    /// Where the text begins.
    let column: Int
    private let columns: Int
    private let facts: DashboardFacts

    init(width: Int, _ facts: DashboardFacts) {
        hasMilliseconds = width >= 60
        column = hasMilliseconds ? 24 : 19
        columns = max(10, width - column - 1)
        self.facts = facts
    }

    func rows(_ line: LogLine) -> [Row] {
        let time = facts.timeOfDay(line.unixNanoseconds, withMilliseconds: hasMilliseconds)
        let text = VisibleText.text(line.text, limit: 2000)
        return DisplayText.wrapped(text, columns: columns, atBlanks: true).enumerated().map { index, part in
            Row(head: index == 0 ? (time, line.level) : nil, text: String(part), level: line.level)
        }
    }
}
