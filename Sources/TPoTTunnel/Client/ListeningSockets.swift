import TPoTWire

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Finds sockets that listen on this machine, as far as the system lists them. It makes no connection: a target that
/// accepts only one (`nc -l`) would use it up, and other targets would log it.
enum ListeningSockets {
    /// Whether a socket listens at the target's address on this machine. False if that cannot be found out.
    ///
    /// Reads from /proc (proc_net_tcp(5)), so it must not be called on an event loop.
    static func include(_ target: TargetAddress) -> Bool {
        // A list that changes while it is read may lack an entry, so it is read up to three times.
        (1...3).contains { _ in isListed(target) }
    }

    private static func isListed(_ target: TargetAddress) -> Bool {
        switch target.endpoint {
        case .unixSocket(let path):
            return firstAnswer(in: "/proc/net/unix") { line in
                // Num: RefCount Protocol Flags Type St Inode Path; the flag means that the socket accepts connections.
                let fields = line.split(separator: " ", maxSplits: 7)
                return fields.count == 8 && fields[3] == "00010000" && fields[7] == path ? true : nil
            }
        case .host(let host, let port):
            let digits = String(port, radix: 16, uppercase: true)
            let suffix = ":" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            let wanted = addresses(host, isLoopbackName: target.isLoopbackName).map { $0 + suffix }
            guard !wanted.isEmpty else { return false }
            return ["/proc/net/tcp", "/proc/net/tcp6"].contains { file in
                firstAnswer(in: file) { line in
                    // sl local_address rem_address st …
                    let fields = line.split(separator: " ", maxSplits: 4)
                    guard fields.count == 5 else { return nil }
                    if fields[3] == Self.listen { return wanted.contains(String(fields[1])) ? true : nil }
                    // Listening sockets come first. The connections after them may fill megabytes.
                    return fields[3] == "st" ? nil : false
                }
            }
        }
    }

    private static let listen = "0A"

    /// The addresses of listening sockets that a connection to the host reaches, as /proc writes them: words of 32 bits
    /// as they lie in memory. Empty if the host is not the loopback.
    private static func addresses(_ host: String, isLoopbackName: Bool) -> [String] {
        let any6 = String(repeating: "0", count: 32)
        let loopback6 = String(repeating: "0", count: 24) + word(1)
        if host == "::1" { return [any6, loopback6] }
        let octets = isLoopbackName ? [127, 0, 0, 1] : host.split(separator: ".").compactMap { UInt8($0) }
        guard octets.count == 4, octets[0] == 127 else { return [] }
        let address = word(octets.reduce(0) { $0 << 8 | UInt32($1) })
        let mapped = String(repeating: "0", count: 16) + word(0xffff) + address
        return [word(0), address, any6, mapped] + (isLoopbackName ? [loopback6] : [])
    }

    private static func word(_ value: UInt32) -> String {
        let digits = String(UInt32(bigEndian: value), radix: 16, uppercase: true)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// The first answer that a line gives. False if no line gives one, or if the file cannot be read. It reads line by
    /// line because Foundation would read the whole file.
    private static func firstAnswer(in file: String, _ answer: (Substring) -> Bool?) -> Bool {
        guard let stream = fopen(file, "re") else { return false }
        defer { fclose(stream) }
        var line = [CChar](repeating: 0, count: 512)
        while fgets(&line, Int32(line.count), stream) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            if let answer = answer(text.prefix { !$0.isNewline }) { return answer }
        }
        return false
    }
}
