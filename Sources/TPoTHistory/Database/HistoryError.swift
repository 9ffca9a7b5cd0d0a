/// Why the history cannot be used, or something of it was not read or written.
package enum HistoryError: Error, Hashable, Sendable {
    /// SQLite's answer to an attempt to read or write. The text is SQLite's.
    case failed(DatabaseCode, String)
    /// There is no history, or an empty file in its place.
    case missing
    /// The file is not one of tpot's.
    case foreign
    /// A newer tpot has written it.
    case newer(version: Int)
    /// The file or its folder cannot be made or opened. The text is the system's.
    case file(String)

    /// A sentence without the file's name.
    package var text: String {
        switch self {
        case .failed(.corrupt, _): "it is damaged"
        case .failed(.full, _): "the disk is full"
        case .failed(.busy, _): "another tpot has been using it for too long"
        case .failed(.readOnly, _): "it cannot be written"
        case .failed(.other, let text): text
        case .missing: "there is no history yet"
        case .foreign: "it is not a history of tpot"
        case .newer(let version): "a newer tpot has written it (version \(version) of its tables)"
        case .file(let text): text
        }
    }
}

/// What kinds of failure are told apart (SQLite's result codes).
package enum DatabaseCode: Hashable, Sendable {
    case busy, corrupt, full, readOnly, other
}
