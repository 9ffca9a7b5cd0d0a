import NIOCore

/// An address split into its parts: `[scheme://]host[:port][/]`. Nothing else is allowed.
struct AddressText {
    /// In lower case, without `://`; nil when none was given.
    var scheme: String?
    /// Without brackets and without a final dot.
    var host: String
    /// Nil when none was given.
    var port: Int?
    /// Host and port as they were given, brackets included.
    var authority: String

    init(_ value: String, role: AddressError.Role) throws(AddressError) {
        func failure(_ problem: AddressError.Problem) -> AddressError {
            AddressError(problem, in: value, role: role)
        }

        guard !value.isEmpty else { throw failure(.empty) }
        guard !value.contains("@") else { throw failure(.userInfo) }

        var rest = value[...]
        if let separator = value.firstRange(ofText: "://") {
            let scheme = value[..<separator.lowerBound].lowercased()
            guard scheme == "http" || scheme == "https" else { throw failure(.scheme(scheme)) }
            self.scheme = scheme
            rest = value[separator.upperBound...]
        }

        let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        let tail = rest[end...]
        guard !tail.contains("?"), !tail.contains("#") else { throw failure(.query) }
        guard tail.isEmpty || tail == "/" else { throw failure(.path(String(tail))) }
        authority = String(rest[..<end])

        let portText: Substring?
        if authority.hasPrefix("[") {
            guard let close = authority.lastIndex(of: "]") else { throw failure(.host(authority)) }
            host = String(authority[authority.index(after: authority.startIndex)..<close])
            let afterBracket = authority[authority.index(after: close)...]
            guard afterBracket.isEmpty || afterBracket.hasPrefix(":") else { throw failure(.host(authority)) }
            portText = afterBracket.isEmpty ? nil : afterBracket.dropFirst()
            guard Self.isIPv6Address(host) else { throw failure(.host(host)) }
        } else {
            let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2 else {
                throw failure(Self.isIPv6Address(authority) ? .unbracketedIPv6(authority) : .host(authority))
            }
            host = String(parts.first ?? "")
            portText = parts.count == 2 ? parts[1] : nil
            guard !host.isEmpty else { throw failure(.missingHost) }
            if host.hasSuffix(".") { host.removeLast() }
            guard Self.isHostName(host) else { throw failure(.host(String(parts.first ?? ""))) }
        }

        if let portText {
            guard let port = Self.port(portText) else { throw failure(.port(String(portText))) }
            self.port = port
        }
    }

    /// Decimal digits only: 1…65,535.
    static func port(_ text: some StringProtocol) -> Int? {
        guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(text), (1...65_535).contains(port)
        else { return nil }
        return port
    }

    /// Accepts IPv4 addresses and host names. Underscores are allowed, because they occur in practice.
    static func isHostName(_ text: String) -> Bool {
        guard (1...253).contains(text.utf8.count) else { return false }
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return labels.allSatisfy { label in
            (1...63).contains(label.count) && label.first != UInt8(ascii: "-")
                && label.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                        true
                    default: false
                    }
                }
        }
    }

    /// `localhost` and the names below it always mean loopback (RFC 6761 section 6.3). They are never looked up,
    /// because some resolvers do not know them.
    static func isLoopbackName(_ host: String) -> Bool {
        let name = host.lowercased()
        return name == "localhost" || name.hasSuffix(".localhost")
    }

    static func isIPv6Address(_ text: String) -> Bool {
        if case .v6? = try? SocketAddress(ipAddress: text, port: 0) { true } else { false }
    }

    /// IPv4 or IPv6, without brackets.
    static func isIPAddress(_ text: String) -> Bool {
        (try? SocketAddress(ipAddress: text, port: 0)) != nil
    }
}
