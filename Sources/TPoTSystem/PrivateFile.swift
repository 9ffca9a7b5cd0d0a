import FoundationEssentials
import Glibc

/// A new file for the user alone, 0600: never one that is there already.
package struct PrivateFile {
    package let path: String
    /// A folder that holds nothing else.
    private var folder: String?

    private init(path: String, folder: String? = nil) {
        self.path = path
        self.folder = folder
    }

    /// A file in the folder for temporary files, with a name that nobody can guess.
    package static func create(_ name: String, _ ending: String, _ bytes: [UInt8]) throws(FileError) -> PrivateFile {
        var template = Array("\(temporaryFolder)/\(name)-XXXXXX\(ending)".utf8CString)
        let descriptor = mkstemps(&template, Int32(ending.utf8.count))
        guard descriptor >= 0 else { throw FileError(errno: errno) }
        Glibc.close(descriptor)
        return try PrivateFile(path: path(template)).filled(with: bytes)
    }

    /// The same in a folder of its own, for an editor: its backups, swap files and what it saves when it is killed lie beside
    /// the file.
    package static func createInFolder(
        _ name: String,
        _ ending: String,
        _ bytes: [UInt8]
    ) throws(FileError) -> PrivateFile {
        var template = Array("\(temporaryFolder)/\(name)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw FileError(errno: errno) }
        let folder = path(template)
        let file = PrivateFile(path: "\(folder)/\(name)\(ending)", folder: folder)
        let descriptor = open(file.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let error = FileError(errno: errno)
            file.remove()
            throw error
        }
        Glibc.close(descriptor)
        return try file.filled(with: bytes)
    }

    /// An empty file in the working directory that is not finished: see ``finish(as:_:)``.
    package static func createUnfinished() throws(FileError) -> PrivateFile {
        var template = Array(".tpot-XXXXXX.part".utf8CString)
        let descriptor = mkstemps(&template, 5)
        guard descriptor >= 0 else { throw FileError(errno: errno) }
        Glibc.close(descriptor)
        return PrivateFile(path: path(template))
    }

    private static var temporaryFolder: String { getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp" }

    private static func path(_ template: [CChar]) -> String {
        String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func filled(with bytes: [UInt8]) throws(FileError) -> PrivateFile {
        do throws(FileError) {
            try append(bytes)
        } catch {
            remove()
            throw error
        }
        return self
    }

    /// Gives a file its name now that it is whole; with a number in it where there is one of that name.
    package func finish(as name: String, _ ending: String) throws(FileError) -> PrivateFile {
        try synchronize()
        for number in 1...999 {
            let path = number == 1 ? name + ending : "\(name)-\(number)\(ending)"
            // The name is taken first, because a rename would replace a file that is there.
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            if descriptor >= 0 {
                Glibc.close(descriptor)
                guard rename(self.path, path) == 0 else {
                    let error = FileError(errno: errno)
                    unlink(path)
                    throw error
                }
                return PrivateFile(path: path)
            }
            guard errno == EEXIST else { throw FileError(errno: errno) }
        }
        throw FileError("there are too many files named \(name)")
    }

    /// On the disk before it has its name: some file systems say only then that the disk is full.
    private func synchronize() throws(FileError) {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(errno: errno) }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileError(errno: errno) }
    }

    package func append(_ bytes: [UInt8]) throws(FileError) {
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(errno: errno) }
        defer { Glibc.close(descriptor) }
        let (_, error) = StandardStream(descriptor: descriptor).put(bytes)
        guard error == 0 else { throw FileError(errno: error) }
    }

    /// What is in it now: an editor may have put another file in its place.
    package func read() throws(FileError) -> [UInt8] {
        Array(try FileSystem.text(of: path, limit: 64 * 1024 * 1024).utf8)
    }

    package func remove() {
        if let folder { try? FileManager.default.removeItem(atPath: folder) } else { unlink(path) }
    }
}
