/// An HTTP proxy that opens connections with CONNECT.
package struct HTTPProxy: Hashable, Sendable {
    /// A name or an IP address without brackets.
    package var host: String
    package var port: Int
    /// The value of Proxy-Authorization, if any.
    package var authorization: String?

    package init(host: String, port: Int, authorization: String?) {
        self.host = host
        self.port = port
        self.authorization = authorization
    }

    /// The address to show to the user.
    package var address: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }
}
