import TPoTWire

/// The layout of the log. A line that is too long for a row continues below its own text.
///
///     12:00:00.123  warning  the target could not be reached: connection
///                            refused
struct LogText {
    /// A row of the screen.
    struct Row {
        /// Nil for the continuation rows of a line.
        var head: (time: String, level: LogLine.Level)?
        var text: String
        var level: LogLine.Level
    }

    let hasMilliseconds: Bool
    /// The column of the text.
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
