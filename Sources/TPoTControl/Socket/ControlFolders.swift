import FoundationEssentials
import Glibc
import TPoTSystem

/// Where running processes are found: in folders of this user alone, by a socket that is named after the process.
package struct ControlFolders: Hashable, Sendable {
    /// The longest path of a socket (unix(7)), without the zero that ends it.
    static let longestPath = 107
    private static let ending = ".sock"

    /// In the home folder, and where its path is too long for a socket, in that of the session.
    private let paths: [String]

    /// - Parameters:
    ///   - home: the user's home folder; nil if there is none.
    ///   - runtime: `XDG_RUNTIME_DIR`; nil if there is none.
    package init(home: String?, runtime: String?) {
        paths = [home.map { $0 + "/.tpot/run" }, runtime.map { $0 + "/tpot" }].compactMap(\.self)
    }

    /// The socket of a process.
    /// - Returns: nil if no folder has a path that is short enough.
    package func socket(of process: Int32) -> String? {
        paths.map { "\($0)/\(process)\(Self.ending)" }.first { $0.utf8.count <= Self.longestPath }
    }

    /// The folder of this user's sockets; nil if there is none with a path that is short enough.
    package var folder: String? { socket(of: .max).map { FileSystem.folder(of: $0) } }

    /// Makes ``folder``.
    package func make() throws(FileError) {
        if let socket = socket(of: .max) { try Self.make(for: socket) }
    }

    /// Makes the folder of a socket.
    static func make(for socket: String) throws(FileError) {
        let folder = FileSystem.folder(of: socket)
        if folder.hasSuffix("/.tpot/run") {
            try FileSystem.makePrivateFolder(FileSystem.folder(of: folder), narrowing: true)
        }
        try FileSystem.makePrivateFolder(folder, narrowing: true)
    }

    /// The sockets of all processes, running or not, in the order of their numbers.
    package var sockets: [(process: Int32, path: String)] {
        var found: [(process: Int32, path: String)] = []
        for folder in paths {
            for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            where name.hasSuffix(Self.ending) {
                guard let process = Int32(name.dropLast(Self.ending.count)), process > 0 else { continue }
                found.append((process, "\(folder)/\(name)"))
            }
        }
        return found.sorted { $0.process < $1.process }
    }

    /// Whether no process has this number.
    static func isDead(_ process: Int32) -> Bool { kill(process, 0) != 0 && errno == ESRCH }
}
