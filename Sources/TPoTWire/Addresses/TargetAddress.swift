/// The address that a tunnel forwards to: `8080`, `localhost:8080`, `https://localhost:8443`, `[::1]:8080` or
/// `unix:/path.sock`.
///
/// A number alone is a port of `localhost`. Paths, queries and user names are refused.
package struct TargetAddress: Hashable, Sendable {
    package enum Endpoint: Hashable, Sendable {
        /// A name or an IP address without brackets, and a port of 1…65,535.
        case host(String, Int)
        case unixSocket(String)
    }

    /// The size of `sun_path` in a `sockaddr_un`, less the final zero byte.
    package static let maximumSocketPathLength = 107

    package let isTLS: Bool
    package let endpoint: Endpoint
    /// The value of `Host` that the target gets by default: its address as typed, without scheme and slash.
    package let hostHeader: String

    package init(_ text: String) throws(AddressError) {
        if let path = Self.socketPath(in: text) {
            guard (1...Self.maximumSocketPathLength).contains(path.utf8.count), !path.utf8.contains(0) else {
                throw AddressError(.socketPath(path), in: text, role: .target)
            }
            isTLS = false
            endpoint = .unixSocket(path)
            hostHeader = "localhost"
            return
        }
        let isPortAlone = !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard !isPortAlone || AddressText.port(text) != nil else {
            throw AddressError(.port(text), in: text, role: .target)
        }
        let parts = try AddressText(isPortAlone ? "localhost:\(text)" : text, role: .target)
        isTLS = parts.scheme == "https"
        endpoint = .host(parts.host, parts.port ?? (isTLS ? 443 : 80))
        hostHeader = parts.authority
    }

    /// The name for SNI and for checking the certificate. Nil for IP addresses and sockets.
    package var tlsServerName: String? {
        guard case .host(let host, _) = endpoint, !AddressText.isIPAddress(host) else { return nil }
        return host
    }

    /// Whether the host name means loopback. No resolver is asked.
    package var isLoopbackName: Bool {
        if case .host(let host, _) = endpoint { AddressText.isLoopbackName(host) } else { false }
    }

    /// Whether it is on this machine for certain. No resolver is asked.
    package var isLocal: Bool {
        switch endpoint {
        case .unixSocket: true
        case .host(let host, _):
            AddressText.isLoopbackName(host) || host == "::1" || AddressText.isIPAddress(host) && host.hasPrefix("127.")
        }
    }

    /// The path after `unix:`. `unix:///path` means the same as `unix:/path`.
    private static func socketPath(in text: String) -> String? {
        guard text.prefix(5).lowercased() == "unix:" else { return nil }
        let path = text.dropFirst(5)
        return String(path.hasPrefix("///") ? path.dropFirst(2) : path)
    }
}

extension TargetAddress: CustomStringConvertible {
    package var description: String {
        switch endpoint {
        case .host: isTLS ? "https://\(hostHeader)" : hostHeader
        case .unixSocket(let path): "unix:\(path)"
        }
    }
}
