extension HistoryFile {
    /// Which exchanges to remove. What is not said does not matter.
    package struct Selection: Hashable, Sendable {
        /// Those of tunnels with this name, public URL or target.
        package var tunnel: String?
        /// Those that arrived before this time, in nanoseconds since 1970.
        package var before: Int64?
        /// Also what is marked.
        package var includesMarked: Bool

        package init(tunnel: String? = nil, before: Int64? = nil, includesMarked: Bool = false) {
            self.tunnel = tunnel
            self.before = before
            self.includesMarked = includesMarked
        }

        fileprivate func bind(to statement: Statement) throws(HistoryError) {
            try statement.bind(1, tunnel)
            try statement.bind(2, before)
            try statement.bind(3, includesMarked ? 1 : 0)
        }

        fileprivate static let condition = """
            (?1 IS NULL OR run IN (SELECT id FROM runs WHERE name = ?1 OR url = ?1 OR target = ?1))
            AND (?2 IS NULL OR arrived < ?2) AND (?3 OR NOT isMarked)
            """
    }

    /// How many exchanges ``clear(_:)`` would remove.
    package func count(_ selection: Selection) throws(HistoryError) -> Int {
        let database = try openToRead()
        let statement = try database.temporaryStatement("SELECT count(*) FROM exchanges WHERE \(Selection.condition)")
        try selection.bind(to: statement)
        return try statement.step() ? Int(statement.integer(0)) : 0
    }

    /// What ``clear(_:)`` has done.
    package struct Cleared: Hashable, Sendable {
        package var count: Int
        /// Nothing of what was removed is left in the file or beside it.
        package var isErased: Bool
    }

    /// Removes exchanges so that nothing of them is left in the file.
    package func clear(_ selection: Selection) throws(HistoryError) -> Cleared {
        let database = try openToWrite()
        var removed = 0
        while true {
            // Some at a time, so that a tunnel that runs never waits long.
            let some = try database.transaction { () throws(HistoryError) in
                try database.run("CREATE TEMP TABLE IF NOT EXISTS going (number INTEGER PRIMARY KEY)")
                try database.run("DELETE FROM going")
                let statement = try database.statement(
                    "INSERT INTO going SELECT number FROM exchanges WHERE \(Selection.condition) LIMIT 100"
                )
                try selection.bind(to: statement)
                try statement.run()
                try database.run("DELETE FROM contents WHERE number IN (SELECT number FROM going)")
                try database.run("DELETE FROM exchanges WHERE number IN (SELECT number FROM going)")
                return database.changes
            }
            guard some > 0 else { break }
            removed += some
        }
        try database.run("DELETE FROM runs WHERE id NOT IN (SELECT run FROM exchanges)")
        try database.run("PRAGMA incremental_vacuum")
        return Cleared(count: removed, isErased: try emptyLog(database))
    }

    /// What was removed is in the log until all of that is written back. While another program reads, it has to stay.
    private func emptyLog(_ database: Database) throws(HistoryError) -> Bool {
        do throws(HistoryError) {
            // The first column: whether something was in the way.
            return try database.number("PRAGMA wal_checkpoint(TRUNCATE)") == 0
        } catch .failed(.busy, _) {
            return false
        }
    }
}
