import Glibc

/// Reads and replaces small files, with the permissions that a secret key needs.
package enum FileSystem {
    /// The text of a UTF-8 file of at most `limit` bytes.
    package static func text(of path: String, limit: Int) throws(FileError) -> String {
        let bytes = try bytes(of: path, limit: limit)
        guard let text = String(validating: bytes, as: UTF8.self) else { throw FileError("it is not UTF-8 text") }
        return text
    }

    /// A file of at most `limit` bytes.
    package static func bytes(of path: String, limit: Int) throws(FileError) -> [UInt8] {
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
        return bytes
    }

    /// Why a file cannot be read. Nil if it can.
    package static func reasonUnreadable(_ path: String) -> String? {
        access(path, R_OK) == 0 ? nil : FileError(errno: errno).reason
    }

    /// Whether users other than the owner may read it.
    package static func isReadableByOthers(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & (S_IRGRP | S_IROTH) != 0
    }

    /// The path of the folder of a file, or `.` if the path has no folder.
    package static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Makes a folder that only the user can access (0700).
    /// - Parameter narrowing: whether an existing folder gets these permissions, too.
    package static func makePrivateFolder(_ path: String, narrowing: Bool) throws(FileError) {
        if mkdir(path, 0o700) == 0 { return }
        guard errno == EEXIST else { throw FileError(errno: errno) }
        guard narrowing, chmod(path, 0o700) != 0 else { return }
        throw FileError(errno: errno)
    }

    /// Checks that a new file of this many bytes can be written in a folder, by writing one. An empty file would not be
    /// enough: it can be made even on a full disk.
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
        // Some file systems only allocate the space now.
        guard fsync(descriptor) == 0 else { throw FileError(errno: errno) }
    }

    /// Replaces a file atomically, with permissions 0600: a reader sees either the old text or the new one.
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

    /// Resolves symbolic links, so that a link is kept and the file that it points to is replaced.
    private static func realPath(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}

/// Why a file could not be read or written. The caller knows the path, so it is not included.
package struct FileError: Error, Hashable {
    package var reason: String
    package var isMissing = false

    package init(_ reason: String) {
        self.reason = reason
    }

    /// - Parameter code: the `errno` of a system call.
    package init(errno code: Int32) {
        reason = SystemError.text(code)
        isMissing = code == ENOENT
    }
}
