import FoundationEssentials
import TPoTInspect
import TPoTTunnel
import TPoTWire

/// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, as curl reads them.
struct ProxyEnvironment: Sendable {
    private let environment: [String: String]

    init(_ environment: [String: String]) {
        self.environment = environment
    }

    /// The proxy for a server; nil when the server is reached directly. A server on this machine always is.
    func proxy(for server: ServerAddress) throws(CommandError) -> TunnelClientConfiguration.Proxy? {
        // Programs that a web server may start (CGI) must ignore upper-case HTTP_PROXY, because a visitor can set it.
        // tpot is not such a program.
        let names = server.isTLS ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy", "HTTP_PROXY"]
        for name in names + ["all_proxy", "ALL_PROXY"] {
            guard let value = environment[name], !value.isEmpty else { continue }
            return isExcluded(server) ? nil : try parse(value, name)
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

    private func parse(_ value: String, _ name: String) throws(CommandError) -> TunnelClientConfiguration.Proxy {
        func failure() -> CommandError {
            // The value may have no scheme, so anything before the host could be a password.
            let shown = value.lastIndex(of: "@").map { SecretMask.urlText + value[$0...] } ?? value
            return CommandError(
                .usage,
                "\(name): \(shown.debugDescription) is not an HTTP proxy; write http://host:port, or unset it"
            )
        }
        var rest = Substring(value)
        if let scheme = rest.firstRange(of: "://") {
            guard rest[..<scheme.lowerBound].lowercased() == "http" else { throw failure() }
            rest = rest[scheme.upperBound...]
        }
        var authorization: String?
        if let at = rest.lastIndex(of: "@") {
            let credentials = rest[..<at]
            authorization = "Basic \(Data(PercentEncoding.decode(credentials).utf8).base64EncodedString())"
            rest = rest[rest.index(after: at)...]
        }
        while rest.hasSuffix("/") { rest.removeLast() }
        do throws(AddressError) {
            let address = try ServerAddress("http://\(rest)")
            let hasPort = rest.split(separator: ":").count > 1
            return TunnelClientConfiguration.Proxy(
                host: address.host,
                // curl's default for a proxy without a port.
                port: hasPort ? address.port : 1080,
                authorization: authorization
            )
        } catch {
            throw failure()
        }
    }
}
