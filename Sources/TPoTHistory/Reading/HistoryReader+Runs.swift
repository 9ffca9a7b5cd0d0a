import TPoTCapture

/// What a run of a tunnel has left in the history.
package struct HistoryRunSummary: Hashable, Sendable {
    package var run: HistoryRun
    package var count: Int
    /// Those that did not go well and were not mended, without replays.
    package var failing: Int
    /// When the first and the last of its exchanges arrived, in nanoseconds since 1970.
    package var first: Int64
    package var last: Int64
    /// The largest number of its exchanges.
    package var newest: UInt64
}

extension HistoryReader {
    /// The newest runs of tunnels that have exchanges, the newest first. Replays from a command line are none of them,
    /// unless there is nothing else.
    package func runs(limit: Int) throws(HistoryError) -> [HistoryRunSummary] {
        let tunnels = try runs(where: "runs.url IS NOT NULL", limit)
        return tunnels.isEmpty ? try runs(where: "TRUE", limit) : tunnels
    }

    private func runs(where condition: String, _ limit: Int) throws(HistoryError) -> [HistoryRunSummary] {
        let statement = try database.statement(
            """
            SELECT runs.url, runs.name, runs.target, count(*), min(arrived), max(arrived), max(number),
                sum(NOT isFixed AND replayOf IS NULL AND (ifnull(status, 0) >= 400 OR outcome NOT IN ('finished', 'unknown')))
            FROM exchanges JOIN runs ON runs.id = exchanges.run WHERE \(condition)
            GROUP BY runs.id ORDER BY runs.id DESC LIMIT ?
            """
        )
        try statement.bind(1, Int64(limit))
        defer { statement.reset() }
        var runs: [HistoryRunSummary] = []
        while try statement.step() {
            runs.append(
                HistoryRunSummary(
                    run: HistoryRun(url: statement.text(0), name: statement.text(1), target: statement.text(2) ?? ""),
                    count: Int(statement.integer(3)),
                    failing: Int(statement.integer(7)),
                    first: statement.integer(4),
                    last: statement.integer(5),
                    newest: UInt64(clamping: statement.integer(6))
                )
            )
        }
        return runs
    }

    /// Another value when another program has changed the history.
    package func version() throws(HistoryError) -> Int64 { try database.number("PRAGMA data_version") ?? 0 }

    /// The largest number of an exchange; 0 if there is none.
    package func newestNumber() throws(HistoryError) -> UInt64 {
        UInt64(clamping: try database.number("SELECT ifnull(max(number), 0) FROM exchanges") ?? 0)
    }
}
