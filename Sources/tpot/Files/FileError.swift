import Glibc

/// Why a file could not be read or written; the path is known to whoever asked.
struct FileError: Error, Hashable {
    var reason: String
    var isMissing = false

    init(_ reason: String) {
        self.reason = reason
    }

    /// For the error that a system call left.
    init(errno code: Int32) {
        reason = String(cString: strerror(code))
        isMissing = code == ENOENT
    }
}
