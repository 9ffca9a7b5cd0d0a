/// What is beyond the limits goes in steps, each of them a short transaction, so that others never wait long.
extension HistoryConnection {
    /// The most exchanges that are removed in one step.
    private static let exchangesAtOnce = 500
    private static let bytesAtOnce = 16 * 1024 * 1024
    /// The most pages that are given back in one step.
    private static let pagesAtOnce: Int64 = 2_000
    /// What an exchange takes beside its heads and bodies, about.
    private static let rowBytes = 600

    /// Removes some of the oldest exchanges that are not marked and arrived before a time, in nanoseconds since 1970.
    /// - Returns: whether there may be more.
    func pruneByAge(before oldest: Int64) throws(HistoryError) -> Bool {
        try database.transaction { () throws(HistoryError) in
            let statement = try database.statement(
                "SELECT number FROM exchanges WHERE arrived < ? AND NOT isMarked LIMIT \(Self.exchangesAtOnce)"
            )
            try statement.bind(1, oldest)
            var numbers: [Int64] = []
            while try statement.step() { numbers.append(statement.integer(0)) }
            statement.reset()
            try remove(numbers)
            return !numbers.isEmpty
        }
    }

    /// If more than `limit` bytes are in use, removes some of the oldest exchanges that are not marked: a few per cent
    /// more than is needed, so that not every new exchange removes one.
    /// - Returns: whether there may be more to remove.
    func pruneBySize(to limit: Int) throws(HistoryError) -> Bool {
        try database.transaction { () throws(HistoryError) in
            let excess = try usedBytes() - limit
            guard excess > 0 else { return false }
            let numbers = try oldest(atLeast: min(excess + limit / 50, Self.bytesAtOnce))
            try remove(numbers)
            return !numbers.isEmpty
        }
    }

    /// The bytes that may be in use. Where marked exchanges fill the history, new ones still find room for a while.
    func room(_ limit: Int) throws(HistoryError) -> Int {
        let marked = try database.number(
            "SELECT sum(\(Self.size)) FROM exchanges LEFT JOIN contents USING (number) WHERE isMarked"
        )
        return max(limit, Int(marked ?? 0) + limit / 4)
    }

    /// Gives some unused pages back to the file system.
    /// - Returns: whether there may be more.
    func shrink() throws(HistoryError) -> Bool {
        let free = try database.number("PRAGMA freelist_count") ?? 0
        guard free > 0 else { return false }
        try database.run("PRAGMA incremental_vacuum(\(Self.pagesAtOnce))")
        // Fewer are not freed in a file that was made without auto_vacuum.
        return try database.number("PRAGMA freelist_count") ?? 0 < free
    }

    /// Removes the runs of which no exchange is left.
    func removeEmptyRuns() throws(HistoryError) {
        try database.run("DELETE FROM runs WHERE id NOT IN (SELECT run FROM exchanges)")
    }

    /// The bytes of the pages in use.
    func usedBytes() throws(HistoryError) -> Int {
        let pages = try database.number("PRAGMA page_count") ?? 0
        let free = try database.number("PRAGMA freelist_count") ?? 0
        return Int((pages - free) * (try database.number("PRAGMA page_size") ?? 4096))
    }

    private static let size =
        """
        ifnull(length(requestBody), 0) + ifnull(length(responseBody), 0) + ifnull(length(requestHead), 0)
        + ifnull(length(sentRequestHead), 0) + ifnull(length(responseHead), 0) + ifnull(length(pieces), 0) + \(rowBytes)
        """

    /// The oldest exchanges that are not marked and take so many bytes.
    private func oldest(atLeast bytes: Int) throws(HistoryError) -> [Int64] {
        let statement = try database.statement(
            "SELECT number, \(Self.size) FROM exchanges LEFT JOIN contents USING (number) WHERE NOT isMarked "
                + "ORDER BY number LIMIT \(Self.exchangesAtOnce)"
        )
        var numbers: [Int64] = []
        var found = 0
        while found < bytes, try statement.step() {
            numbers.append(statement.integer(0))
            found += Int(statement.integer(1))
        }
        statement.reset()
        return numbers
    }

    private func remove(_ numbers: [Int64]) throws(HistoryError) {
        for number in numbers {
            for table in ["contents", "exchanges"] {
                let statement = try database.statement("DELETE FROM \(table) WHERE number = ?")
                try statement.bind(1, number)
                try statement.run()
            }
        }
    }
}
