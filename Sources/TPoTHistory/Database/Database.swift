import CSQLite

/// A connection to a SQLite database. It belongs to one thread at a time.
///
/// SQLite's C library is used as it is, because the packages that wrap it bring in all of Foundation.
///
/// It is Sendable because its owners use it under a lock, or on a queue that runs one block at a time. SQLite itself
/// allows that (SQLITE_OPEN_NOMUTEX: one thread at a time, not always the same).
final class Database: @unchecked Sendable {
    /// How long a statement waits for another process that writes.
    static let patience: Int32 = 2_000

    private let handle: OpaquePointer
    private var statements: [String: Statement] = [:]

    enum Mode {
        case readOnly, readWrite
    }

    init(_ path: String, _ mode: Mode) throws(HistoryError) {
        var handle: OpaquePointer?
        let flags = (mode == .readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_NOMUTEX
        let code = sqlite3_open_v2(path, &handle, flags, nil)
        guard code == SQLITE_OK, let handle else {
            let error = Self.error(code, handle)
            sqlite3_close_v2(handle)
            throw error
        }
        self.handle = handle
        sqlite3_busy_timeout(handle, Self.patience)
        sqlite3_extended_result_codes(handle, 1)
    }

    deinit {
        statements = [:]
        sqlite3_close_v2(handle)
    }

    /// Runs statements that take no values and whose rows, if any, are not needed.
    func run(_ sql: String) throws(HistoryError) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw error(code) }
    }

    /// A statement that is compiled once and kept; there must be few different ones.
    func statement(_ sql: String) throws(HistoryError) -> Statement {
        if let known = statements[sql] {
            known.reset()
            return known
        }
        let statement = try temporaryStatement(sql)
        statements[sql] = statement
        return statement
    }

    /// A statement for one use.
    func temporaryStatement(_ sql: String) throws(HistoryError) -> Statement {
        var prepared: OpaquePointer?
        let code = sqlite3_prepare_v2(handle, sql, -1, &prepared, nil)
        guard code == SQLITE_OK, let prepared else { throw error(code) }
        return Statement(prepared, of: self)
    }

    /// The only number of the only row; nil without a row.
    func number(_ sql: String) throws(HistoryError) -> Int64? {
        let statement = try temporaryStatement(sql)
        return try statement.step() ? statement.integer(0) : nil
    }

    /// Runs `body` in a transaction that other processes see as a whole or not at all.
    func transaction<Result>(_ body: () throws(HistoryError) -> Result) throws(HistoryError) -> Result {
        try transaction("IMMEDIATE", body)
    }

    /// Runs `body`, which sees the database as it is at one moment.
    func snapshot<Result>(_ body: () throws(HistoryError) -> Result) throws(HistoryError) -> Result {
        try transaction("DEFERRED", body)
    }

    private func transaction<Result>(
        _ kind: String,
        _ body: () throws(HistoryError) -> Result
    ) throws(HistoryError) -> Result {
        try run("BEGIN \(kind)")
        do throws(HistoryError) {
            let result = try body()
            try run("COMMIT")
            return result
        } catch {
            // SQLite has rolled back by itself after some errors; then this fails, and that is all right.
            try? run("ROLLBACK")
            throw error
        }
    }

    /// The rows that the last statement changed.
    var changes: Int { Int(sqlite3_changes(handle)) }

    func error(_ code: Int32) -> HistoryError { Self.error(code, handle) }

    private static func error(_ code: Int32, _ handle: OpaquePointer?) -> HistoryError {
        let kind: DatabaseCode =
            switch code & 0xff {
            case SQLITE_BUSY, SQLITE_LOCKED: .busy
            case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt
            case SQLITE_FULL: .full
            case SQLITE_READONLY, SQLITE_PERM, SQLITE_CANTOPEN: .readOnly
            default: .other
            }
        let text = handle.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code))
        return .failed(kind, text)
    }
}
