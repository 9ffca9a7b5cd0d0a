import Glibc

/// The tables of the history.
///
/// - Times are nanoseconds: `arrived` and `started` since 1970 (UTC), those of an exchange since its arrival.
/// - A column that does not apply is NULL.
/// - ``version`` counts up when a column is added or changes. There was no version before this one; the next one has to
///   bring files of this one up to date.
enum HistorySchema {
    static let version: Int64 = 1
    /// `TPoT` (the PRAGMA `application_id`).
    static let application: Int64 = 0x5450_6f54

    /// Makes the tables of a new file, and checks those of an existing one. A file that is not of this kind is left alone.
    static func prepare(_ database: Database) throws(HistoryError) {
        guard try !isThere(in: database) else { return }
        try database.run("PRAGMA auto_vacuum = INCREMENTAL")
        // So that readers do not wait for the writer. Where the file system cannot do it, SQLite stays with its journal.
        // When several programs start at once, only one of them can change it, and the others are not asked to wait.
        for _ in 0..<20 {
            do throws(HistoryError) {
                try database.run("PRAGMA journal_mode = WAL")
                break
            } catch .failed(.busy, _) {
                usleep(50_000)
            }
        }
        try database.transaction { () throws(HistoryError) in
            // Another process may have been faster.
            guard try !areTablesThere(in: database) else { return }
            try database.run(tables)
            try database.run("PRAGMA application_id = \(application); PRAGMA user_version = \(version)")
        }
    }

    /// - Returns: false if the file is empty.
    static func isThere(in database: Database) throws(HistoryError) -> Bool {
        // What is read must belong together while another process makes the tables.
        try database.snapshot { () throws(HistoryError) in try areTablesThere(in: database) }
    }

    private static func areTablesThere(in database: Database) throws(HistoryError) -> Bool {
        let application = try database.number("PRAGMA application_id") ?? 0
        let version = try database.number("PRAGMA user_version") ?? 0
        if application == 0, version == 0, try database.number("SELECT count(*) FROM sqlite_schema") == 0 {
            return false
        }
        guard application == Self.application, version > 0 else { throw .foreign }
        guard version == Self.version else { throw .newer(version: Int(version)) }
        return true
    }

    /// The contents are apart, so that a walk through the exchanges does not read past their bodies.
    private static let tables = """
        CREATE TABLE numbers (next INTEGER NOT NULL);
        INSERT INTO numbers VALUES (1);
        CREATE TABLE runs (
            id INTEGER PRIMARY KEY AUTOINCREMENT, started INTEGER NOT NULL, url TEXT, name TEXT, target TEXT NOT NULL
        );
        CREATE TABLE exchanges (
            number INTEGER PRIMARY KEY, run INTEGER NOT NULL, arrived INTEGER NOT NULL, conversation INTEGER NOT NULL,
            remote TEXT, address BLOB, port INTEGER, via TEXT,
            method TEXT NOT NULL, target TEXT NOT NULL, status INTEGER, outcome TEXT NOT NULL, reason TEXT,
            took INTEGER, bytesIn INTEGER NOT NULL, bytesOut INTEGER NOT NULL, flags INTEGER NOT NULL,
            sender TEXT, event TEXT, delivery TEXT, signature TEXT, signed TEXT, repetition INTEGER, responseType TEXT,
            replayOf INTEGER, batch INTEGER, edit TEXT, verdict TEXT, isFixed INTEGER NOT NULL,
            isMarked INTEGER NOT NULL,
            opened INTEGER, held INTEGER, connected INTEGER, requestEnded INTEGER, responseBegan INTEGER,
            responseEnded INTEGER, visitorHalfClosed INTEGER, waitedForVisitor INTEGER, waitedForTarget INTEGER,
            ended INTEGER
        );
        CREATE TABLE contents (
            number INTEGER PRIMARY KEY, requestHead BLOB, sentRequestHead BLOB, interimHeads BLOB, responseHead BLOB,
            requestBody BLOB, requestBytes INTEGER NOT NULL, responseBody BLOB, responseBytes INTEGER NOT NULL,
            pieces BLOB
        );
        CREATE INDEX exchangesByArrival ON exchanges (arrived);
        CREATE INDEX exchangesByEvent ON exchanges (event, sender);
        CREATE INDEX exchangesByStatus ON exchanges (status);
        CREATE INDEX exchangesByTarget ON exchanges (target);
        CREATE INDEX exchangesByOriginal ON exchanges (replayOf) WHERE replayOf IS NOT NULL;
        CREATE INDEX exchangesByMark ON exchanges (isMarked) WHERE isMarked;
        """
}
