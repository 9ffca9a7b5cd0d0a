import TPoTWire

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What listens on this machine, as far as the system tells: without a connection, which a target that accepts only one
/// (`nc -l`) would have for its only one, and others would log.
enum ListeningSockets {
    /// Whether something listens where the target is, on this machine. False where nobody can tell.
    ///
    /// Reads from /proc (proc_net_tcp(5)), so not to be called on an event loop.
    static func include(_ target: TargetAddress) -> Bool {
        switch target.endpoint {
        case .unixSocket(let path):
            return lines(of: "/proc/net/unix").contains { line in
                // Num: RefCount Protocol Flags Type St Inode Path; the flag is that it accepts connections.
                let fields = line.split(separator: " ", maxSplits: 7)
                return fields.count == 8 && fields[3] == "00010000" && fields[7] == path
            }
        case .host(let host, let port):
            guard target.isLoopbackName || host == "::1" || host.hasPrefix("127.") else { return false }
            let digits = String(port, radix: 16, uppercase: true)
            let ending = ":" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            return ["/proc/net/tcp", "/proc/net/tcp6"].contains { file in
                lines(of: file).contains { line in
                    // sl local_address rem_address st …; 0A is LISTEN.
                    let fields = line.split(separator: " ", maxSplits: 4)
                    return fields.count == 5 && fields[3] == "0A" && fields[1].hasSuffix(ending)
                }
            }
        }
    }

    private static func lines(of file: String) -> [Substring] {
        guard let data = try? Data(contentsOf: URL(filePath: file)) else { return [] }
        return String(decoding: data, as: UTF8.self).split(separator: "\n")
    }
}
