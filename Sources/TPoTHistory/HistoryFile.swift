import Glibc
import TPoTSystem

/// Where the history is: `history.sqlite` in a folder that only its owner can read.
package struct HistoryFile: Hashable, Sendable {
    package let path: String

    /// - Parameter home: the user's home folder.
    package init(home: String) {
        path = home + "/.tpot/history.sqlite"
    }

    package init(path: String) {
        self.path = path
    }

    /// Whether there is one.
    package var exists: Bool { access(path, F_OK) == 0 }

    /// The bytes of the file and of those that SQLite keeps beside it.
    package var bytes: Int {
        ["", "-wal", "-shm"].reduce(0) { sum, ending in
            var status = stat()
            return stat(path + ending, &status) == 0 ? sum + Int(status.st_size) : sum
        }
    }

    /// Opens the history for reading. A history that does not exist is an error of its own: see ``exists``.
    func openToRead() throws(HistoryError) -> Database {
        let database = try Database(path, .readOnly)
        guard try HistorySchema.isCurrent(database) else { throw .foreign }
        return database
    }

    /// Opens the history for writing, and makes it if there is none. What SQLite puts beside it has the permissions of the
    /// file itself (0600).
    func openToWrite() throws(HistoryError) -> Database {
        do throws(FileError) {
            try FileSystem.makePrivateFolder(FileSystem.folder(of: path), narrowing: true)
        } catch {
            throw .file(error.reason)
        }
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .file(SystemError.text(errno)) }
        defer { close(descriptor) }
        guard fchmod(descriptor, 0o600) == 0 else { throw .file(SystemError.text(errno)) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .file(SystemError.text(errno)) }
        // SQLite takes a file that is shorter than its head for an empty one, and would write over it.
        guard status.st_size == 0 || status.st_size >= 512 else { throw .foreign }
        let database = try Database(path, .readWrite)
        try HistorySchema.prepare(database)
        // After a crash of the program nothing is lost; after a crash of the machine perhaps the last moments.
        try database.run("PRAGMA synchronous = NORMAL; PRAGMA cache_size = -512; PRAGMA journal_size_limit = 8388608")
        return database
    }
}
