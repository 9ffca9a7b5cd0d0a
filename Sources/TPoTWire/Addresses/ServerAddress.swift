/// The address of a TPoT server: `tpot.example.com`, `host:port`, `http://…`, `https://…`, `[::1]:3000`.
///
/// The default scheme is `http`, as in the original client. Paths, queries and user names are refused.
package struct ServerAddress: Hashable, Sendable {
    package enum Scheme: String, Sendable {
        case http, https

        package var defaultPort: Int { self == .https ? 443 : 80 }
    }

    package let scheme: Scheme
    /// In lower case, without brackets.
    package let host: String
    /// 1…65,535.
    package let port: Int
    /// Whether the port was given. Public URLs show the port only if the server's URL does.
    private let showsPort: Bool

    package init(_ text: String) throws(AddressError) {
        if text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), !text.isEmpty {
            throw AddressError(.portAlone(text), in: text, role: .server)
        }
        let parts = try AddressText(text, role: .server)
        scheme = parts.scheme == "https" ? .https : .http
        host = parts.host.lowercased()
        port = parts.port ?? scheme.defaultPort
        showsPort = parts.port != nil
    }

    /// A server whose address is already known, such as the embedded one. The port is shown unless it is the scheme's
    /// default.
    package init(scheme: Scheme, host: String, port: Int) {
        self.scheme = scheme
        self.host = host
        self.port = port
        showsPort = port != scheme.defaultPort
    }

    package var isTLS: Bool { scheme == .https }

    /// The value of `Host` in requests to the server. The port is left out if it is the scheme's default.
    package var hostHeader: String {
        port == scheme.defaultPort ? bracketedHost : "\(bracketedHost):\(port)"
    }

    /// The name for SNI and for checking the certificate. Nil for an IP address.
    package var tlsServerName: String? {
        AddressText.isIPAddress(host) ? nil : host
    }

    /// `https://name.tpot.example.com`, without a final slash.
    package func publicURL(for subdomain: Subdomain) -> String {
        "\(scheme.rawValue)://\(subdomain).\(bracketedHost)\(portSuffix)"
    }

    /// Whether this can be a server's base domain: a name without scheme, port, path or final dot.
    package static func isDomain(_ text: String) -> Bool {
        AddressText.isHostName(text)
    }

    /// Parses a port: decimal digits only, 1…65,535.
    package static func port(_ text: String) -> Int? {
        AddressText.port(text)
    }

    /// A name or IP address to listen on, without brackets. Nil if `text` is neither.
    package static func listeningHost(_ text: String) -> String? {
        let host = text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
        return AddressText.isIPv6Address(host) || (host == text && AddressText.isHostName(host)) ? host : nil
    }

    /// Whether the host name means loopback. No resolver is asked.
    package var isLoopbackName: Bool { AddressText.isLoopbackName(host) }

    /// The host as it is written before a port: an IPv6 address is in brackets.
    package var bracketedHost: String { host.contains(":") ? "[\(host)]" : host }
    private var portSuffix: String { showsPort ? ":\(port)" : "" }
}

extension ServerAddress: CustomStringConvertible {
    /// The server's URL without a final slash.
    package var description: String { "\(scheme.rawValue)://\(bracketedHost)\(portSuffix)" }
}
