/// Why an address of a server or a target was not taken: what was given, what is wrong with it, what to write instead.
package struct AddressError: Error, Hashable, Sendable {
    package enum Role: String, Sendable {
        case server, target
    }

    package enum Problem: Hashable, Sendable {
        case empty
        /// A scheme that is not spoken here, in lower case.
        case scheme(String)
        /// User name or password before an `@`.
        case userInfo
        case path(String)
        case query
        case missingHost
        case host(String)
        /// An IPv6 address whose end cannot be told from a port.
        case unbracketedIPv6(String)
        case port(String)
        /// A port alone, which only a target may be.
        case portAlone(String)
        case socketPath(String)
    }

    package let role: Role
    /// What was given, user name and password taken out.
    package let value: String
    package let problem: Problem

    init(_ problem: Problem, in value: String, role: Role) {
        self.role = role
        self.problem = problem
        self.value = Self.withoutUserInfo(value)
    }

    private static func withoutUserInfo(_ value: String) -> String {
        guard let at = value.lastIndex(of: "@") else { return value }
        let scheme = value.firstRange(ofText: "://").map { value[..<$0.upperBound] } ?? ""
        return scheme + "…" + value[at...]
    }
}

extension AddressError: CustomStringConvertible {
    package var description: String {
        "\(role.rawValue) address \(value.debugDescription): \(reason)"
    }

    private var example: String {
        switch role {
        case .server: "tpot.example.com, tpot.example.com:3000 or https://tpot.example.com"
        case .target: "8080, localhost:8080, https://localhost:8443 or unix:/path/to.sock"
        }
    }

    private var reason: String {
        switch problem {
        case .empty:
            return "it is empty; write for instance \(example)"
        case .scheme(let scheme) where scheme == "ws" || scheme == "wss":
            let other = scheme == "ws" ? "http" : "https"
            let why = role == .server ? "the WebSocket is opened from it" : "WebSockets pass through it"
            return "it begins with \(scheme)://; write \(other):// instead (\(why))"
        case .scheme(let scheme):
            return "it begins with \(scheme.debugDescription), which is not spoken here; write for instance \(example)"
        case .userInfo:
            let wayOut = role == .server ? "; leave it out and give the key with --auth-key-file" : "; leave it out"
            return "it holds a user name or password before the @\(wayOut)"
        case .path(let path):
            let why =
                role == .server ? "tunnels are made on the server's root" : "requests keep the path they come with"
            return "it has the path \(path.debugDescription), but \(why); leave the path out"
        case .query:
            return "it has a query or fragment; leave out everything from the ? or #"
        case .missingHost:
            return "it has no host; write for instance \(example)"
        case .host(let host):
            return "\(host.debugDescription) is not a host name; write for instance \(example)"
        case .unbracketedIPv6(let host):
            return "an IPv6 address stands in brackets; write [\(host)] or [\(host)]:PORT"
        case .port(let port):
            return "\(port.debugDescription) is not a port; write a number from 1 to 65535"
        case .portAlone(let port):
            return "it is a port without a host; write localhost:\(port) for a server on this machine"
        case .socketPath(let path):
            return "\(path.debugDescription) is not the path of a socket; write unix:/path/to.sock,"
                + " at most \(TargetAddress.maximumSocketPathLength) bytes long"
        }
    }
}

extension StringProtocol {
    /// The first place where `text` stands. (The standard library has this for single characters only.)
    func firstRange(ofText text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            formIndex(after: &start)
        }
        return nil
    }
}
