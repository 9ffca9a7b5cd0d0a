import NIOCore
import TPoTWire

/// The destination of a request, according to the value of its Host.
enum PublicHost: Hashable, Sendable {
    /// One of the server's own domains.
    case base
    case tunnel(Subdomain)
    /// An IP address, or no Host at all: the sender knows the server's address but not its name.
    case address
    case unknown

    /// Reads a Host value (RFC 9110 section 7.2): in any case, with or without a port and a final dot.
    ///
    /// - Parameters:
    ///   - value: the Host value, empty if there is none.
    ///   - domains: the server's own domains, in lower case without a final dot.
    init(_ value: some BidirectionalCollection<UInt8>, domains: [String]) {
        var host = value[...]
        if let colon = host.lastIndex(of: UInt8(ascii: ":")),
            host[host.index(after: colon)...].allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        {
            host = host[..<colon]
        }
        if host.count > 1, Array(host.suffix(1)) == [UInt8(ascii: ".")] { host = host.dropLast() }
        // Only ASCII letters change: in Unicode the Kelvin sign, too, has the lower case k.
        let lower = host.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        let name = String(decoding: lower, as: UTF8.self)
        // The longest matching domain wins, because one domain may be a subdomain of another.
        for domain in domains.sorted(by: { $0.utf8.count > $1.utf8.count }) {
            if name == domain {
                self = .base
                return
            }
            if name.hasSuffix(".\(domain)"), let subdomain = Subdomain(exactly: String(name.dropLast(domain.count + 1)))
            {
                self = .tunnel(subdomain)
                return
            }
        }
        self = name.isEmpty && value.isEmpty || Self.isAddress(name) ? .address : .unknown
    }

    /// `192.0.2.1` or `[2001:db8::1]`, without a port.
    private static func isAddress(_ host: String) -> Bool {
        guard host.first == "[" else { return !host.contains(":") && IPAddress(host) != nil }
        return host.last == "]" && host.contains(":") && IPAddress(host.dropFirst().dropLast()) != nil
    }
}
