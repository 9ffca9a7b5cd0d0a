import TPoTCapture

/// A connection that writes to a history. Each call is one transaction.
struct HistoryConnection: Sendable {
    /// The exchanges that are removed in one transaction, so that others never wait long.
    private static let removedAtOnce = 500

    let database: Database
    let run: Int64

    /// Begins a run.
    init(_ file: HistoryFile, _ facts: HistoryRun, now: Int64) throws(HistoryError) {
        let database = try file.openToWrite()
        self.database = database
        run = try database.transaction { () throws(HistoryError) in
            let statement = try database.temporaryStatement(
                "INSERT INTO runs (started, url, name, target) VALUES (?, ?, ?, ?) RETURNING id"
            )
            try statement.bind(1, now)
            try statement.bind(2, facts.url)
            try statement.bind(3, facts.name)
            try statement.bind(4, facts.target)
            guard try statement.step() else { return 0 }
            defer { statement.reset() }
            return statement.integer(0)
        }
    }

    /// A second connection for the same run.
    init(_ file: HistoryFile, of run: Int64) throws(HistoryError) {
        database = try file.openToWrite()
        self.run = run
    }

    func note(url: String) throws(HistoryError) {
        let statement = try database.statement("UPDATE runs SET url = ? WHERE id = ?")
        try statement.bind(1, url)
        try statement.bind(2, run)
        try statement.run()
    }

    /// Notes whether a later replay of an exchange, perhaps of an earlier run, went well.
    func note(isFixed: Bool, _ number: UInt64) throws(HistoryError) {
        let statement = try database.statement("UPDATE exchanges SET isFixed = ? WHERE number = ?")
        try statement.bind(1, isFixed ? 1 : 0)
        try statement.bind(2, Int64(bitPattern: number))
        try statement.run()
    }

    /// - Returns: the first of `count` numbers that no process has used.
    func reserve(_ count: Int) throws(HistoryError) -> UInt64 {
        let statement = try database.statement("UPDATE numbers SET next = next + ? RETURNING next")
        try statement.bind(1, Int64(count))
        defer { statement.reset() }
        guard try statement.step() else { throw .failed(.corrupt, "the table of numbers is empty") }
        let next = UInt64(bitPattern: statement.integer(0))
        // The statement is done only after its last row.
        try statement.step()
        guard next > UInt64(count) else { throw .failed(.corrupt, "the table of numbers is wrong") }
        return next - UInt64(count)
    }

    /// Writes exchanges, over those with the same numbers.
    func write(_ contents: [CapturedExchange]) throws(HistoryError) {
        try database.transaction { () throws(HistoryError) in
            for content in contents {
                let row = try database.statement(ExchangeColumns.insertion)
                try ExchangeColumns.bind(content.row, run: run, to: row)
                try row.run()
                let rest = try database.statement(ContentColumns.insertion)
                try ContentColumns.bind(content, to: rest)
                try rest.run()
            }
        }
    }

    /// Removes some of the oldest exchanges that are beyond the limits and not marked.
    /// - Parameter now: nanoseconds since 1970.
    /// - Returns: whether there may be more.
    func prune(to limits: HistoryLimits, now: Int64) throws(HistoryError) -> Bool {
        let oldest = now - Int64(limits.age) * 1_000_000_000
        if try remove("arrived < \(oldest) AND NOT isMarked") > 0 { return true }
        guard let bytes = try usedBytes(), bytes > limits.bytes, try remove("NOT isMarked") > 0 else { return false }
        return true
    }

    /// The bytes of the pages in use.
    private func usedBytes() throws(HistoryError) -> Int? {
        let pages = try database.number("PRAGMA page_count") ?? 0
        let free = try database.number("PRAGMA freelist_count") ?? 0
        let size = try database.number("PRAGMA page_size") ?? 4096
        return Int((pages - free) * size)
    }

    /// - Returns: the number of removed exchanges.
    private func remove(_ condition: String) throws(HistoryError) -> Int {
        try database.transaction { () throws(HistoryError) in
            let oldest = "SELECT number FROM exchanges WHERE \(condition) ORDER BY number LIMIT \(Self.removedAtOnce)"
            try database.run("DELETE FROM contents WHERE number IN (\(oldest))")
            try database.run("DELETE FROM exchanges WHERE number IN (\(oldest))")
            let removed = database.changes
            try database.run("PRAGMA incremental_vacuum(\(Self.removedAtOnce))")
            return removed
        }
    }
}

/// The tunnel whose exchanges are written.
package struct HistoryRun: Hashable, Sendable {
    /// The public URL, once there is one.
    package var url: String?
    /// The name that the user asked for; nil if the server chose it.
    package var name: String?
    package var target: String

    package init(url: String? = nil, name: String? = nil, target: String) {
        self.url = url
        self.name = name
        self.target = target
    }
}
