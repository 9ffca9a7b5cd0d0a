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
        String(decoding: hostBytes, as: UTF8.self)
    }

    private var hostBytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(21)
        for shift in [24, 16, 8, 0] as [UInt32] {
            if shift < 24 { bytes.append(UInt8(ascii: ".")) }
            bytes += String(ip >> shift & 0xff).utf8
        }
        return bytes
    }

    /// `203.0.113.9:52110` in ASCII. Without interpolation, because it is written for every request.
    package var bytes: [UInt8] {
        var bytes = hostBytes
        bytes.append(UInt8(ascii: ":"))
        bytes += String(port).utf8
        return bytes
    }
}

extension RemoteAddress: CustomStringConvertible {
    package var description: String { String(decoding: bytes, as: UTF8.self) }
}
