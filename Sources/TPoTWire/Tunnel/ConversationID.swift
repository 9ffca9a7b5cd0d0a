/// The number of a conversation within its tunnel: 1…65,535, unsigned, reused after a conversation has ended.
package typealias ConversationID = UInt16

/// Where a conversation comes from, as the server saw it: IPv4 and port, the only form the protocol carries.
///
/// A real IPv6 visitor is `0.0.0.0`. Behind a reverse proxy this is the proxy's address.
package struct RemoteAddress: Hashable, Sendable {
    /// The four octets in network order, most significant first.
    package var ip: UInt32
    package var port: UInt16

    package init(ip: UInt32, port: UInt16) {
        self.ip = ip
        self.port = port
    }

    /// Dotted decimal without the port: `203.0.113.9`.
    package var host: String {
        "\(ip >> 24).\(ip >> 16 & 0xff).\(ip >> 8 & 0xff).\(ip & 0xff)"
    }
}

extension RemoteAddress: CustomStringConvertible {
    package var description: String { "\(host):\(port)" }
}
