import FoundationEssentials
import Glibc

/// A new file that only the user can access (0600). An existing file is never used.
package struct PrivateFile {
    package let path: String
    /// The folder that was made for this file alone. Nil if there is none.
    private var folder: String?

    private init(path: String, folder: String? = nil) {
        self.path = path
        self.folder = folder
    }

    /// Makes a file with an unguessable name in the folder for temporary files.
    package static func create(_ name: String, _ ending: String, _ bytes: [UInt8]) throws(FileError) -> PrivateFile {
        var template = Array("\(temporaryFolder)/\(name)-XXXXXX\(ending)".utf8CString)
        let descriptor = mkstemps(&template, Int32(ending.utf8.count))
        guard descriptor >= 0 else { throw FileError(errno: errno) }
        Glibc.close(descriptor)
        return try PrivateFile(path: path(template)).filled(with: bytes)
    }

    /// Makes a file in its own folder, for an editor: backups, swap files and rescued text are next to the file and are
    /// removed with it.
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

    /// Makes an empty file in the working directory. It gets its final name from ``finish(as:_:)``.
    package static func createUnfinished() throws(FileError) -> PrivateFile { try createUnfinished(in: ".") }

    /// Makes an empty file in a folder. It gets its final name, in the same folder, from ``finish(at:replacing:)``.
    package static func createUnfinished(in folder: String) throws(FileError) -> PrivateFile {
        var template = Array("\(folder == "." ? "" : folder + "/").tpot-XXXXXX.part".utf8CString)
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

    /// Gives a complete file its final name. A number is added to the name if it is taken.
    package func finish(as name: String, _ ending: String) throws(FileError) -> PrivateFile {
        try synchronize()
        for number in 1...999 {
            let path = number == 1 ? name + ending : "\(name)-\(number)\(ending)"
            // Reserves the name first, because a rename would replace an existing file.
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

    /// Gives a complete file its final path.
    /// - Parameter replaces: an existing file is replaced. Otherwise it is an error.
    package func finish(at path: String, replacing replaces: Bool) throws(FileError) {
        try synchronize()
        if !replaces {
            // Reserves the name first, because a rename would replace an existing file.
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw FileError(errno: errno) }
            Glibc.close(descriptor)
        }
        guard rename(self.path, path) == 0 else {
            let error = FileError(errno: errno)
            if !replaces { unlink(path) }
            throw error
        }
    }

    /// Writes the file to the disk before it gets its name. Some file systems only report a full disk then.
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

    /// The current content. The path is opened again, because an editor may have replaced the file.
    package func read() throws(FileError) -> [UInt8] {
        Array(try FileSystem.text(of: path, limit: 64 * 1024 * 1024).utf8)
    }

    package func remove() {
        if let folder { try? FileManager.default.removeItem(atPath: folder) } else { unlink(path) }
    }
}
