import TPoTCapture

/// A connection that writes to a history. Each call is one transaction.
struct HistoryConnection: Sendable {
    let file: HistoryFile
    let database: Database

    init(_ file: HistoryFile) throws(HistoryError) {
        self.file = file
        database = try file.openToWrite()
    }

    // MARK: Numbers

    /// Reserves the first numbers of a run. They are larger than those of all exchanges in the history.
    func reserveFirst(_ count: UInt64) throws(HistoryError) -> Range<UInt64> {
        try database.transaction { () throws(HistoryError) in
            // They are larger already, unless the file is damaged.
            try database.run("UPDATE numbers SET next = max(next, (SELECT ifnull(max(number), 0) + 1 FROM exchanges))")
            return try takeNumbers(count, after: 0)
        }
    }

    /// Reserves `count` numbers from `used` on, and those before it that no process has reserved.
    /// - Returns: all of them.
    func reserve(_ count: UInt64, after used: UInt64) throws(HistoryError) -> Range<UInt64> {
        try database.transaction { () throws(HistoryError) in try takeNumbers(count, after: used) }
    }

    private func takeNumbers(_ count: UInt64, after used: UInt64) throws(HistoryError) -> Range<UInt64> {
        guard let number = try database.number("SELECT next FROM numbers"), let next = UInt64(exactly: number),
            0 < next, next < 1 << 62, used < 1 << 62
        else { throw .failed(.corrupt, "the table of numbers is wrong") }
        let end = max(next, used) + count
        let statement = try database.statement("UPDATE numbers SET next = ?")
        try statement.bind(1, Int64(end))
        try statement.run()
        return next..<end
    }

    // MARK: Exchanges

    /// Begins a run.
    func begin(_ facts: HistoryRun, now: Int64) throws(HistoryError) -> Run {
        let run = try database.transaction { () throws(HistoryError) in
            let statement = try database.statement("\(Self.insertion) RETURNING id")
            try bind(Run(id: nil, started: now, facts: facts), to: statement)
            guard try statement.step() else { return Run(id: nil, started: now, facts: facts) }
            let id = statement.integer(0)
            statement.reset()
            return Run(id: id, started: now, facts: facts)
        }
        return run
    }

    /// A row of the table `runs`.
    struct Run: Sendable {
        var id: Int64?
        var started: Int64
        var facts: HistoryRun
    }

    private static let insertion = "INSERT OR IGNORE INTO runs (id, started, url, name, target) VALUES (?, ?, ?, ?, ?)"

    private func bind(_ run: Run, to statement: Statement) throws(HistoryError) {
        try statement.bind(1, run.id)
        try statement.bind(2, run.started)
        try statement.bind(3, run.facts.url)
        try statement.bind(4, run.facts.name)
        try statement.bind(5, run.facts.target)
    }

    /// Writes exchanges of a run. Those that are there already keep their run.
    func write(_ contents: some Sequence<CapturedExchange>, of run: Run) throws(HistoryError) {
        try database.transaction { () throws(HistoryError) in
            // When the last exchange of a run is removed, the run goes, too.
            let statement = try database.statement(Self.insertion)
            try bind(run, to: statement)
            try statement.run()
            for content in contents {
                let row = try database.statement(ExchangeColumns.insertion)
                try ExchangeColumns.bind(content.row, run: run.id ?? 0, to: row)
                try row.run()
                let rest = try database.statement(ContentColumns.insertion)
                try ContentColumns.bind(content, to: rest)
                try rest.run()
            }
        }
    }

    /// Writes whether a later replay of an exchange, perhaps of an earlier run, went well.
    func write(_ fixes: [UInt64: Bool]) throws(HistoryError) {
        try database.transaction { () throws(HistoryError) in
            for (number, isFixed) in fixes {
                let statement = try database.statement("UPDATE exchanges SET isFixed = ? WHERE number = ?")
                try statement.bind(1, isFixed ? 1 : 0)
                try statement.bind(2, Int64(bitPattern: number))
                try statement.run()
            }
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
