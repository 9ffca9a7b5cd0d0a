import TPoTWire

/// The sentences about addresses that were not accepted: what was given, what is wrong with it, what to write instead.
extension FailureText {
    static func text(_ error: AddressError) -> String {
        "\(error.role.rawValue) address \(error.value.debugDescription): \(reason(error))"
    }

    private static func example(_ role: AddressError.Role) -> String {
        switch role {
        case .server: "tpot.example.com, tpot.example.com:3000 or https://tpot.example.com"
        case .target: "8080, localhost:8080, https://localhost:8443 or unix:/path/to.sock"
        }
    }

    private static func reason(_ error: AddressError) -> String {
        let isServer = error.role == .server
        let example = example(error.role)
        switch error.problem {
        case .empty:
            return "it is empty; write for instance \(example)"
        case .scheme(let scheme) where scheme == "ws" || scheme == "wss":
            let other = scheme == "ws" ? "http" : "https"
            let why = isServer ? "the WebSocket is opened from it" : "WebSockets pass through it"
            return "it begins with \(scheme)://; write \(other):// instead (\(why))"
        case .scheme(let scheme):
            return "it begins with \(scheme.debugDescription), which is not spoken here; write for instance \(example)"
        case .userInfo:
            let wayOut = isServer ? "; leave it out and give the key with --auth-key-file" : "; leave it out"
            return "it holds a user name or password before the @\(wayOut)"
        case .path(let path):
            let why = isServer ? "tunnels are made on the server's root" : "requests keep the path they come with"
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
