import Glibc

/// Reading and replacing small files, with the access rights that a key asks for.
package enum FileSystem {
    /// The whole text of a file of at most `limit` bytes of UTF-8.
    package static func text(of path: String, limit: Int) throws(FileError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(errno: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError(errno: errno)
            }
            if count == 0 { break }
            bytes += chunk[..<count]
            guard bytes.count <= limit else { throw FileError("it is longer than \(limit) bytes") }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw FileError("it is not UTF-8 text") }
        return text
    }

    /// Nil when it can be read.
    package static func reasonUnreadable(_ path: String) -> String? {
        access(path, R_OK) == 0 ? nil : FileError(errno: errno).reason
    }

    /// Whether users other than the owner may read it.
    package static func isReadableByOthers(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & (S_IRGRP | S_IROTH) != 0
    }

    /// The path of the folder that holds a file, `.` where none is named.
    package static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Makes a folder for the user alone, 0700. One that is there is narrowed to that when `narrowing`.
    package static func makePrivateFolder(_ path: String, narrowing: Bool) throws(FileError) {
        if mkdir(path, 0o700) == 0 { return }
        guard errno == EEXIST else { throw FileError(errno: errno) }
        guard narrowing, chmod(path, 0o700) != 0 else { return }
        throw FileError(errno: errno)
    }

    /// Finds out whether a new file of so many bytes can be made in a folder, by making one: on a full disk an empty one
    /// can.
    package static func tryWriting(_ bytes: Int, in folder: String) throws(FileError) {
        var template = Array("\(folder)/.tpot-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw FileError(errno: errno) }
        defer {
            close(descriptor)
            unlink(template)
        }
        let (_, error) = StandardStream(descriptor: descriptor).put([UInt8](repeating: 0, count: bytes))
        guard error == 0 else { throw FileError(errno: error) }
        // Some file systems give out space only then.
        guard fsync(descriptor) == 0 else { throw FileError(errno: errno) }
    }

    /// Replaces a file as a whole, with rights 0600: whoever reads it sees the old text or the new one.
    package static func replace(_ path: String, with text: String) throws(FileError) {
        let path = realPath(path)
        var template = Array("\(folder(of: path))/.tpot-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw FileError(errno: errno) }
        do throws(FileError) {
            defer { close(descriptor) }
            guard fchmod(descriptor, 0o600) == 0 else { throw FileError(errno: errno) }
            var bytes = Array(text.utf8)[...]
            while !bytes.isEmpty {
                let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                if count < 0 {
                    if errno == EINTR { continue }
                    throw FileError(errno: errno)
                }
                bytes = bytes.dropFirst(count)
            }
            guard fsync(descriptor) == 0, rename(template, path) == 0 else { throw FileError(errno: errno) }
        } catch {
            unlink(template)
            throw error
        }
    }

    /// Where a path leads: a link to the file is kept and what it points to is replaced.
    private static func realPath(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
