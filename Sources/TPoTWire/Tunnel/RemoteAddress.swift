/// The address of a visitor as the server sees it. Behind a reverse proxy this is the proxy's address.
package struct RemoteAddress: Hashable, Sendable {
    /// The four octets of an IPv4 address, most significant first. 0 if the address is IPv6 or unknown.
    package var ip: UInt32
    package var port: UInt16
    /// The IPv6 address, if the visitor has one and both sides support ``TunnelExtensions/ip6``.
    package var ip6: IPv6Octets?

    package init(ip: UInt32, port: UInt16) {
        self.ip = ip
        self.port = port
    }

    package init(ip6: IPv6Octets, port: UInt16) {
        self.init(ip: 0, port: port)
        self.ip6 = ip6
    }

    /// The address as it is sent to a client that only knows IPv4.
    package var mapped: RemoteAddress { RemoteAddress(ip: ip, port: port) }

    /// The visitor has an IPv6 address, but the server can only send IPv4.
    package var isUnknown: Bool { ip == 0 && ip6 == nil }

    /// Without the port: `203.0.113.9`, `2001:db8::9`.
    package var host: String {
        var bytes: [UInt8] = []
        appendHost(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func appendHost(to bytes: inout [UInt8]) {
        if let ip6 {
            ip6.append(to: &bytes)
            return
        }
        bytes.append(decimal: UInt64(ip >> 24))
        for shift in 1...3 {
            bytes.append(ASCII.dot)
            bytes.append(decimal: UInt64(ip >> (24 - 8 * UInt32(shift)) & 0xff))
        }
    }

    /// Appends `203.0.113.9:52110` or `[2001:db8::9]:52110` in ASCII. It makes no string, because it runs for every
    /// request.
    package func append(to bytes: inout [UInt8]) {
        if ip6 != nil { bytes.append(UInt8(ascii: "[")) }
        appendHost(to: &bytes)
        if ip6 != nil { bytes.append(UInt8(ascii: "]")) }
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

/// An IPv6 address in two halves of eight octets, most significant first.
package struct IPv6Octets: Hashable, Sendable {
    package var high: UInt64
    package var low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Appends the form of RFC 5952 section 4: lower case, no leading zeros, the longest run of zeros as `::`.
    func append(to bytes: inout [UInt8]) {
        let groups = (0..<8).map { index in
            UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> (48 - 16 * UInt64(index % 4)))
        }
        var run = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > max(run.count, 1) { run = start..<end }
            start = max(end, start + 1)
        }
        for (index, group) in groups.enumerated() {
            if run.contains(index) {
                if index == run.lowerBound { bytes.append(contentsOf: run.upperBound == 8 ? "::".utf8 : ":".utf8) }
                continue
            }
            if index > 0 { bytes.append(ASCII.colon) }
            bytes.append(contentsOf: String(group, radix: 16).utf8)
        }
    }
}
