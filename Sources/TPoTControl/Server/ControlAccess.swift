import NIOHTTP1
import TPoTWire

/// Which requests a listener lets in.
package struct ControlAccess: Hashable, Sendable {
    /// What a request has to bring as `Authorization: Bearer …`; nil if it needs nothing.
    var token: String?

    /// Refuses what a web page could send, and what has not the right token.
    func check(_ head: ControlRequestHead) throws(ControlRefusal) {
        guard !head.headers.contains(name: "Origin") else {
            throw ControlRefusal(.forbidden, "requests of web pages (with an Origin header) are refused")
        }
        if let token {
            guard Self.isSame(head.headers["Authorization"], "Bearer \(token)") else {
                throw ControlRefusal(.unauthorized, "send the token of --api-token: Authorization: Bearer …")
            }
        } else {
            // A web page can make its own name point to this machine, but it cannot change the Host.
            let hosts = head.headers["Host"]
            guard hosts.count == 1, let host = hosts.first, Self.isLoopback(host) else {
                throw ControlRefusal(.forbidden, "the Host is not this machine; use 127.0.0.1, localhost or [::1]")
            }
        }
        guard head.method != .GET, head.method != .HEAD else { return }
        let type = head.headers["Content-Type"].first?.split(separator: ";").first.map { $0.filter { $0 != " " } }
        guard type?.lowercased() == "application/json" else {
            throw ControlRefusal(.unsupportedMediaType, "\(head.method) needs Content-Type: application/json")
        }
    }

    /// Whether a Host names the loopback, with or without a port.
    package static func isLoopback(_ host: String) -> Bool {
        guard let name = nameWithoutPort(host) else { return false }
        if name.lowercased() == "localhost" || name == "[::1]" { return true }
        let octets = name.split(separator: ".", omittingEmptySubsequences: false)
        guard octets.count == 4, octets.first == "127" else { return false }
        return octets.allSatisfy { $0.utf8.allSatisfy(\.isASCIIDigit) && UInt8($0) != nil }
    }

    private static func nameWithoutPort(_ host: String) -> Substring? {
        let end =
            host.hasPrefix("[") ? host.firstIndex(of: "]").map { host.index(after: $0) } : host.firstIndex(of: ":")
        guard let end else { return host.hasPrefix("[") ? nil : host[...] }
        let port = host[end...]
        guard port.isEmpty || (port.first == ":" && UInt16(port.dropFirst()) != nil) else { return nil }
        return host[..<end]
    }

    /// Compares without telling by its duration how much of the token is right.
    private static func isSame(_ values: [String], _ expected: String) -> Bool {
        guard values.count == 1, let value = values.first else { return false }
        let given = Array(value.utf8)
        let wanted = Array(expected.utf8)
        var difference = given.count ^ wanted.count
        for index in wanted.indices { difference |= Int(wanted[index] ^ (index < given.count ? given[index] : 0)) }
        return difference == 0
    }
}
