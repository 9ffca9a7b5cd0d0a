/// Where a TPoT server is: `tpot.example.com`, `host:port`, `http://…`, `https://…`, `[::1]:3000`.
///
/// Without a scheme it is `http`, as in the original client. Paths, queries and user names are refused.
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
    /// Whether the port was given, so that public URLs show it just when the server's URL does.
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

    /// A server whose place is known, such as the embedded one. The port is shown unless it is the scheme's own.
    package init(scheme: Scheme, host: String, port: Int) {
        self.scheme = scheme
        self.host = host
        self.port = port
        showsPort = port != scheme.defaultPort
    }

    package var isTLS: Bool { scheme == .https }

    /// The value of `Host` in requests to the server: the port only where it is not the scheme's own.
    package var hostHeader: String {
        port == scheme.defaultPort ? bracketedHost : "\(bracketedHost):\(port)"
    }

    /// The name for SNI and for checking the certificate; nil for an IP address, which has no name.
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

    /// A port as people write it: digits alone, 1…65,535.
    package static func port(_ text: String) -> Int? {
        AddressText.port(text)
    }

    /// A name or IP address to listen on, without brackets; nil when it is neither.
    package static func listeningHost(_ text: String) -> String? {
        let host = text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
        return AddressText.isIPv6Address(host) || (host == text && AddressText.isHostName(host)) ? host : nil
    }

    /// Whether its name is one of the loopback, whatever a resolver says.
    package var isLoopbackName: Bool { AddressText.isLoopbackName(host) }

    /// As it stands before a port.
    package var bracketedHost: String { host.contains(":") ? "[\(host)]" : host }
    private var portSuffix: String { showsPort ? ":\(port)" : "" }
}

extension ServerAddress: CustomStringConvertible {
    /// The server's URL without a final slash.
    package var description: String { "\(scheme.rawValue)://\(bracketedHost)\(portSuffix)" }
}
