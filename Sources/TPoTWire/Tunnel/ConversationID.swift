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
        var bytes: [UInt8] = []
        appendHost(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func appendHost(to bytes: inout [UInt8]) {
        bytes.append(decimal: UInt64(ip >> 24))
        for shift in 1...3 {
            bytes.append(ASCII.dot)
            bytes.append(decimal: UInt64(ip >> (24 - 8 * UInt32(shift)) & 0xff))
        }
    }

    /// Appends `203.0.113.9:52110` in ASCII: it is written for every request.
    package func append(to bytes: inout [UInt8]) {
        appendHost(to: &bytes)
        bytes.append(ASCII.colon)
        bytes.append(decimal: UInt64(port))
    }
}

extension RemoteAddress: CustomStringConvertible {
    package var description: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
