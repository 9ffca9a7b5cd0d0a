import CSQLite

/// A compiled statement. Values are bound by their place from 1, and read by their place from 0, as in SQLite.
///
/// It must not outlive its database.
final class Statement {
    private let handle: OpaquePointer
    private unowned let database: Database

    init(_ handle: OpaquePointer, of database: Database) {
        self.handle = handle
        self.database = database
    }

    deinit {
        sqlite3_finalize(handle)
    }

    /// Makes the statement ready to run again, without values.
    func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    /// - Returns: false after the last row.
    @discardableResult
    func step() throws(HistoryError) -> Bool {
        let code = sqlite3_step(handle)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default:
            let error = database.error(code)
            sqlite3_reset(handle)
            throw error
        }
    }

    /// Runs a statement that has no rows.
    func run() throws(HistoryError) {
        while try step() {}
        reset()
    }

    // MARK: Binding

    func bind(_ place: Int32, _ value: Int64?) throws(HistoryError) {
        guard let value else { return }
        try check(sqlite3_bind_int64(handle, place, value))
    }

    func bind(_ place: Int32, _ value: String?) throws(HistoryError) {
        guard let value else { return }
        try bind(place, text: Array(value.utf8))
    }

    /// Binds bytes as text, though they may not be valid UTF-8: SQLite keeps them as they are.
    func bind(_ place: Int32, text: [UInt8]) throws(HistoryError) {
        let code = text.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                // An empty array may have no address, and SQLite takes that for NULL.
                guard let base = characters.baseAddress else {
                    return sqlite3_bind_text64(handle, place, "", 0, tpot_sqlite_transient(), UInt8(SQLITE_UTF8))
                }
                return sqlite3_bind_text64(
                    handle,
                    place,
                    base,
                    UInt64(characters.count),
                    tpot_sqlite_transient(),
                    UInt8(SQLITE_UTF8)
                )
            }
        }
        try check(code)
    }

    func bind(_ place: Int32, blob: [UInt8]?) throws(HistoryError) {
        guard let blob else { return }
        let code =
            blob.isEmpty
            ? sqlite3_bind_zeroblob(handle, place, 0)
            : sqlite3_bind_blob64(handle, place, blob, UInt64(blob.count), tpot_sqlite_transient())
        try check(code)
    }

    private func check(_ code: Int32) throws(HistoryError) {
        guard code == SQLITE_OK else { throw database.error(code) }
    }

    // MARK: Reading

    func isNull(_ place: Int32) -> Bool { sqlite3_column_type(handle, place) == SQLITE_NULL }

    func integer(_ place: Int32) -> Int64 { sqlite3_column_int64(handle, place) }

    func optionalInteger(_ place: Int32) -> Int64? { isNull(place) ? nil : integer(place) }

    /// Nanoseconds since 1970, until 2116 at the latest, so that a damaged file does not lead to an overflow.
    func time(_ place: Int32) -> Int64? { optionalInteger(place).map { min(max($0, 0), 1 << 62) } }

    /// A number of something; so many that sums overflow only come from a damaged file.
    func count(_ place: Int32) -> Int { Int(min(max(integer(place), 0), 1 << 60)) }

    func text(_ place: Int32) -> String? {
        isNull(place) ? nil : String(decoding: bytes(place), as: UTF8.self)
    }

    /// The bytes of a text or a blob; none of NULL.
    func bytes(_ place: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(handle, place) else { return [] }
        let count = Int(sqlite3_column_bytes(handle, place))
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    func optionalBytes(_ place: Int32) -> [UInt8]? { isNull(place) ? nil : bytes(place) }
}
