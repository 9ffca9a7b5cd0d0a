import NIOCore
import TPoTWire

/// Whom a request is for, by the value of its Host.
enum PublicHost: Hashable, Sendable {
    /// One of the server's own domains.
    case base
    case tunnel(Subdomain)
    /// An IP address, or no name at all: whoever asks knows where the server is and not what it is called.
    case address
    case unknown

    /// Reads a Host value (RFC 9110 section 7.2): any case, with or without a port and a final dot.
    ///
    /// - Parameters:
    ///   - value: empty where there is none.
    ///   - domains: the server's own, in lower case without a final dot.
    init(_ value: some BidirectionalCollection<UInt8>, domains: [String]) {
        var host = value[...]
        if let colon = host.lastIndex(of: UInt8(ascii: ":")),
            host[host.index(after: colon)...].allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        {
            host = host[..<colon]
        }
        if host.count > 1, Array(host.suffix(1)) == [UInt8(ascii: ".")] { host = host.dropLast() }
        // Of ASCII only: Unicode has a letter more whose lower case is k.
        let lower = host.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        let name = String(decoding: lower, as: UTF8.self)
        // The longest domain that fits: of two, one may be a subdomain of the other.
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
