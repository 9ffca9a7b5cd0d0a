import Glibc

/// Why a file could not be read or written; the path is known to whoever asked.
package struct FileError: Error, Hashable {
    package var reason: String
    package var isMissing = false

    package init(_ reason: String) {
        self.reason = reason
    }

    /// For the error that a system call left.
    package init(errno code: Int32) {
        reason = SystemError.text(code)
        isMissing = code == ENOENT
    }
}
