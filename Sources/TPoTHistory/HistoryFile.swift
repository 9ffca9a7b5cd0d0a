import Glibc
import TPoTSystem

/// Where the history is: `history.sqlite` in a folder that only its owner can read.
///
/// Nothing but SQLite ever opens the file: when a process closes any descriptor of a file, it loses all its locks on it
/// (fcntl(2)), also those of SQLite, and another process that ends would then remove the log that is in use.
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
    package var bytes: Int { ["", "-wal", "-shm"].reduce(0) { $0 + Self.bytes(path + $1) } }

    /// The bytes of the log of what is not in the file itself yet.
    var logBytes: Int { Self.bytes(path + "-wal") }

    private static func bytes(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Opens the history for reading.
    func openToRead() throws(HistoryError) -> Database {
        guard exists else { throw .missing }
        let database = try Database(path, .readOnly)
        guard try HistorySchema.isThere(in: database) else { throw .missing }
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
        try makeFile()
        try checkFile()
        let database = try Database(path, .readWrite)
        try HistorySchema.prepare(database)
        // After a crash of the program nothing is lost; after a crash of the machine perhaps the last moments.
        try database.run(
            """
            PRAGMA synchronous = NORMAL; PRAGMA cache_size = -512; PRAGMA journal_size_limit = 8388608;
            PRAGMA secure_delete = ON
            """
        )
        return database
    }

    /// Makes an empty file, unless there is one.
    private func makeFile() throws(HistoryError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            // Nobody in this process can have locks on a file that was not there.
            close(descriptor)
        } else if errno != EEXIST {
            throw .file(SystemError.text(errno))
        }
    }

    private func checkFile() throws(HistoryError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw .file(SystemError.text(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .file("it is not a regular file") }
        if status.st_mode & 0o7777 != 0o600, chmod(path, 0o600) != 0 { throw .file(SystemError.text(errno)) }
        // SQLite takes a file that is shorter than its head for an empty one, and would write over it.
        guard status.st_size == 0 || status.st_size >= 512 else { throw .foreign }
    }
}
