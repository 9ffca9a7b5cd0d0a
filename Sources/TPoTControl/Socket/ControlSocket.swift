import Glibc
import TPoTSystem

/// A listening Unix domain socket that only this user can connect to.
struct ControlSocket {
    let path: String
    let descriptor: Int32

    /// Makes the socket. What a process that is gone has left at its path is removed.
    static func listen(_ path: String) throws(FileError) -> ControlSocket {
        guard path.utf8.count <= ControlFolders.longestPath else {
            throw FileError("its path is too long for a socket")
        }
        try ControlFolders.make(for: path)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw FileError(errno: errno) }
        do throws(FileError) {
            if !bind(descriptor, path) {
                guard errno == EADDRINUSE else { throw FileError(errno: errno) }
                // Its name is our own number, so a process with this number has left it, unless it is in another container.
                guard !answers(path) else { throw FileError("another process answers there") }
                unlink(path)
                guard bind(descriptor, path) else { throw FileError(errno: errno) }
            }
            guard Glibc.listen(descriptor, 64) == 0 else { throw FileError(errno: errno) }
        } catch {
            close(descriptor)
            throw error
        }
        return ControlSocket(path: path, descriptor: descriptor)
    }

    /// Whether a process listens at the path.
    static func answers(_ path: String) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return withAddress(path) { connect(descriptor, $0, $1) } == 0
    }

    /// The mask makes sure that nobody can connect before the access rights are set.
    private static func bind(_ descriptor: Int32, _ path: String) -> Bool {
        let mask = umask(0o077)
        defer { umask(mask) }
        return withAddress(path) { Glibc.bind(descriptor, $0, $1) } == 0
    }

    private static func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { place in
            // The rest is zero already.
            place.copyBytes(from: path.utf8.prefix(place.count - 1))
        }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}

/// Who is at the other end of a Unix domain socket (`ucred` of unix(7), which Swift's Glibc leaves out).
struct PeerCredentials: Sendable {
    var process: Int32 = 0
    var user: UInt32 = .max
    var group: UInt32 = .max
}
