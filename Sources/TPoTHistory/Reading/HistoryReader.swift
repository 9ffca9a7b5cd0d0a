import TPoTCapture

/// Reads a history, also while others write it. It belongs to one thread at a time, and may wait for the disk.
package final class HistoryReader: Sendable {
    /// The newest exchanges that are looked at before an index is: what is wanted is mostly among them.
    private static let newest: Int64 = 10_000

    let database: Database
    private let meaning: CaptureMeaning
    package let file: HistoryFile

    /// - Parameter meaning: searches bodies.
    package init(_ file: HistoryFile, meaning: CaptureMeaning) throws(HistoryError) {
        self.file = file
        self.meaning = meaning
        database = try file.openToRead()
    }

    /// What the history has, in numbers.
    package struct Summary: Hashable, Sendable {
        package var count: Int
        package var marked: Int
        /// When the first and the last exchange arrived, in nanoseconds since 1970; nil if there are none.
        package var oldest: Int64?
        package var newest: Int64?
        /// The bytes of the file and of those beside it.
        package var bytes: Int
    }

    package func summary() throws(HistoryError) -> Summary {
        let statement = try database.statement(
            "SELECT count(*), min(arrived), max(arrived), (SELECT count(*) FROM exchanges WHERE isMarked) FROM exchanges"
        )
        try statement.step()
        defer { statement.reset() }
        return Summary(
            count: Int(statement.integer(0)),
            marked: Int(statement.integer(3)),
            oldest: statement.time(1),
            newest: statement.time(2),
            bytes: file.bytes
        )
    }

    /// An exchange with its contents; nil if there is none with this number.
    package func exchange(_ number: UInt64) throws(HistoryError) -> CapturedExchange? {
        guard let number = Int64(exactly: number) else { return nil }
        let statement = try database.statement(
            "SELECT \(ExchangeColumns.selection), \(ContentColumns.selection) FROM exchanges "
                + "LEFT JOIN contents ON contents.number = exchanges.number WHERE exchanges.number = ?"
        )
        try statement.bind(1, number)
        defer { statement.reset() }
        guard try statement.step() else { return nil }
        return content(statement)
    }

    /// The tunnel that an exchange came through; nil if there is no exchange with this number.
    package func run(of number: UInt64) throws(HistoryError) -> HistoryRun? {
        guard let number = Int64(exactly: number) else { return nil }
        let statement = try database.statement(
            "SELECT url, name, target FROM runs WHERE id = (SELECT run FROM exchanges WHERE number = ?)"
        )
        try statement.bind(1, number)
        defer { statement.reset() }
        guard try statement.step() else { return nil }
        return HistoryRun(url: statement.text(0), name: statement.text(1), target: statement.text(2) ?? "")
    }

    /// The newest exchanges that match, or the oldest.
    /// - Parameters:
    ///   - limit: the most of them.
    ///   - take: gets one after the other, as they are found; false ends the search. Their contents are there only if the
    ///     filter asks for them.
    package func search(
        _ query: HistoryQuery,
        limit: Int,
        _ take: (CapturedExchange) throws -> Bool
    ) throws {
        guard limit > 0 else { return }
        var left = limit
        var query = query
        // First without an index: then the rows come in the wanted order.
        if !query.isOldestFirst, let newest = try database.number("SELECT max(number) FROM exchanges") {
            let start = UInt64(clamping: max(0, newest) - Self.newest)
            var first = query
            first.after = max(start, query.after ?? 0)
            guard try search(first, searchesAll: false, &left, take), left > 0, (query.after ?? 0) < start else {
                return
            }
            query.before = min(start + 1, query.before ?? .max)
        }
        _ = try search(query, searchesAll: true, &left, take)
    }

    /// - Returns: false if `take` wants no more.
    private func search(
        _ query: HistoryQuery,
        searchesAll: Bool,
        _ left: inout Int,
        _ take: (CapturedExchange) throws -> Bool
    ) throws -> Bool {
        let needsContents = query.filter.needsContents
        let condition = HistoryCondition(query, searchesAll: searchesAll)
        // The numbers alone are found and sorted quickly; then the rows come in their order.
        let which =
            condition.hasIndex
            ? "exchanges.number IN (SELECT exchanges.number FROM exchanges WHERE \(condition.text))" : condition.text
        let statement = try database.temporaryStatement(
            "SELECT \(ExchangeColumns.selection)" + (needsContents ? ", \(ContentColumns.selection)" : "")
                + " FROM exchanges"
                + (needsContents ? " LEFT JOIN contents ON contents.number = exchanges.number" : "")
                + " WHERE \(which) ORDER BY exchanges.number \(query.isOldestFirst ? "ASC" : "DESC")"
        )
        try condition.bind(to: statement)
        while left > 0, try statement.step() {
            let content = needsContents ? content(statement) : CapturedExchange(row: ExchangeColumns.row(statement))
            guard query.filter.matches(content, bodyContains: { meaning.bodyContains($0, content) }) else { continue }
            left -= 1
            guard try take(content) else { return false }
        }
        return true
    }

    private func content(_ statement: Statement) -> CapturedExchange {
        ContentColumns.content(
            statement,
            from: Int32(ExchangeColumns.names.count),
            ExchangeColumns.row(statement)
        )
    }
}

extension CaptureFilter {
    /// A term asks for heads or bodies.
    fileprivate var needsContents: Bool {
        terms.contains { term in
            switch term.test {
            case .word, .header, .type, .body: true
            default: false
            }
        }
    }
}
