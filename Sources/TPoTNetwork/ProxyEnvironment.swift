import TPoTWire

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A variable of the environment whose value is not an HTTP proxy.
package struct ProxyVariableError: Error, Hashable, Sendable {
    /// The variable's name.
    package let name: String
    /// The variable's value. Credentials before an `@` are left out, so that it then begins with the `@`.
    package let value: String

    init(_ name: String, _ value: String) {
        self.name = name
        // The value may have no scheme, so everything before the host could be a password.
        self.value = value.lastIndex(of: "@").map { String(value[$0...]) } ?? value
    }
}

/// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, as curl reads them.
package struct ProxyEnvironment: Sendable {
    private let environment: [String: String]

    package init(_ environment: [String: String]) {
        self.environment = environment
    }

    /// The proxy for a server; nil if the server is reached directly, as every server on this machine is.
    package func proxy(for server: ServerAddress) throws(ProxyVariableError) -> HTTPProxy? {
        // Programs that a web server may start (CGI) must ignore upper-case HTTP_PROXY, because a visitor can set it.
        // tpot is not such a program.
        let names = server.isTLS ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy", "HTTP_PROXY"]
        for name in names + ["all_proxy", "ALL_PROXY"] {
            guard let value = environment[name], !value.isEmpty else { continue }
            guard !isExcluded(server) else { return nil }
            guard let proxy = HTTPProxy(value) else { throw ProxyVariableError(name, value) }
            return proxy
        }
        return nil
    }

    private func isExcluded(_ server: ServerAddress) -> Bool {
        let host = server.host
        if server.isLoopbackName || host == "::1" || host.hasPrefix("127.") { return true }
        let list = environment["no_proxy"] ?? environment["NO_PROXY"] ?? ""
        return list.split(whereSeparator: { $0 == "," || $0 == " " }).contains { entry in
            if entry == "*" { return true }
            var name = entry.lowercased()
            if let colon = name.lastIndex(of: ":"), let port = Int(name[name.index(after: colon)...]) {
                guard port == server.port else { return false }
                name = String(name[..<colon])
            }
            while name.hasPrefix(".") { name.removeFirst() }
            return !name.isEmpty && (host == name || host.hasSuffix(".\(name)"))
        }
    }
}

extension HTTPProxy {
    /// curl's default for a proxy without a port.
    private static let usualPort = 1080

    /// `[http://][user:password@]host[:port][/]`; nil for anything else.
    fileprivate init?(_ text: String) {
        var rest = Substring(text)
        if let scheme = rest.firstRange(of: "://") {
            guard rest[..<scheme.lowerBound].lowercased() == "http" else { return nil }
            rest = rest[scheme.upperBound...]
        }
        var authorization: String?
        if let at = rest.lastIndex(of: "@") {
            let credentials = PercentEncoding.decode(rest[..<at])
            authorization = "Basic \(Data(credentials.utf8).base64EncodedString())"
            rest = rest[rest.index(after: at)...]
        }
        while rest.hasSuffix("/") { rest.removeLast() }
        guard let address = try? ServerAddress("http://\(rest)") else { return nil }
        let hasPort = rest.split(separator: ":").count > 1
        self.init(host: address.host, port: hasPort ? address.port : Self.usualPort, authorization: authorization)
    }
}
