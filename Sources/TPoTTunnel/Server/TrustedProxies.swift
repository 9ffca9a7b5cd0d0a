import NIOCore

/// The proxies whose `X-Forwarded-For` is believed. There are none unless the operator names them, because any client
/// can write the field.
package struct TrustedProxies: Hashable, Sendable {
    private let networks: [Network]

    private struct Network: Hashable, Sendable {
        var prefix: IPAddress
        var length: Int
    }

    /// An error in a list of proxies, worded for the operator.
    package struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    package static let none = TrustedProxies(networks: [])

    private init(networks: [Network]) {
        self.networks = networks
    }

    /// Reads addresses and networks in CIDR notation, separated by commas: `10.0.0.0/8, 2001:db8::1`.
    package init(_ list: String) throws(ParseError) {
        var networks: [Network] = []
        for part in list.split(separator: ",", omittingEmptySubsequences: false) {
            networks.append(try Self.network(part.trimmingBlanks()))
        }
        self.init(networks: networks)
    }

    private static func network(_ text: Substring) throws(ParseError) -> Network {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ IPAddress($0) }) else {
            throw ParseError(
                description: "\(String(text).debugDescription) is neither an address nor a network; write for instance"
                    + " 127.0.0.1, 10.0.0.0/8 or 2001:db8::/32, separated by commas"
            )
        }
        guard parts.count == 2 else { return Network(prefix: address, length: IPAddress.bitCount) }
        let bits = address.isIPv4 ? 32 : IPAddress.bitCount
        guard let written = Int(parts[1]), parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            written <= bits
        else {
            throw ParseError(
                description: "\(String(text).debugDescription) is not a network; write a number from 1 to \(bits) after"
                    + " the slash"
            )
        }
        guard written > 0 else {
            throw ParseError(
                description: "\(String(text).debugDescription) would let everybody choose an address; name the proxies"
                    + " only"
            )
        }
        let length = written + IPAddress.bitCount - bits
        let prefix = address.prefix(length)
        guard prefix == address else {
            throw ParseError(
                description: "\(String(text).debugDescription) names an address and a network; write"
                    + " \(prefix)/\(written) for the network or \(address) for the address"
            )
        }
        return Network(prefix: prefix, length: length)
    }

    package func contains(_ address: IPAddress) -> Bool {
        networks.contains { address.prefix($0.length) == $0.prefix }
    }

    /// Finds the client of a connection.
    ///
    /// The client is the peer, unless the peer is a trusted proxy. Then it is the last address in `forwardedFor` that
    /// is not trusted.
    /// If there is none, or something that is not an address comes after it, the peer counts.
    ///
    /// - Parameter forwardedFor: the values of all X-Forwarded-For lines, in the order of the head.
    func client(peer: SocketAddress?, forwardedFor: [String] = []) -> ClientAddress {
        guard let peer, let address = IPAddress(peer) else { return ClientAddress(ip: nil, isExempt: true) }
        if contains(address) {
            if let named = Self.last(of: forwardedFor, where: { !contains($0) }) {
                return ClientAddress(ip: named, isExempt: false)
            }
            return ClientAddress(ip: address, isExempt: true)
        }
        guard address.isLoopback else { return ClientAddress(ip: address, isExempt: false) }
        let claimed = Self.last(of: forwardedFor) { !$0.isLoopback }
        return ClientAddress(ip: address, isExempt: true, claimed: claimed)
    }

    private static func last(of forwardedFor: [String], where condition: (IPAddress) -> Bool) -> IPAddress? {
        for value in forwardedFor.reversed() {
            for element in value.split(separator: ",").reversed() {
                let text = element.trimmingBlanks()
                // Empty list elements mean nothing (RFC 9110, 5.6.1).
                guard !text.isEmpty else { continue }
                guard let address = forwardedAddress(text) else { return nil }
                if condition(address) { return address }
            }
        }
        return nil
    }

    /// Reads `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:4711`.
    private static func forwardedAddress(_ text: Substring) -> IPAddress? {
        if text.first == "[" {
            let parts = text.dropFirst().split(separator: "]", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, parts[1].isEmpty || isPort(parts[1]), parts[0].contains(":") else { return nil }
            return IPAddress(parts[0])
        }
        let colons = text.utf8.count { $0 == UInt8(ascii: ":") }
        guard colons == 1, let colon = text.firstIndex(of: ":") else { return IPAddress(text) }
        return isPort(text[colon...]) ? IPAddress(text[..<colon]) : nil
    }

    /// `:4711`
    private static func isPort(_ text: Substring) -> Bool {
        text.first == ":" && (2...6).contains(text.utf8.count)
            && text.utf8.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
    }
}

/// The client of a connection, as limits and the log see it.
struct ClientAddress: Hashable, Sendable {
    /// The client's address; nil for a Unix domain socket.
    var ip: IPAddress?
    /// The client has no limits of its own. Many clients share the address of a proxy or the loopback, and one of them
    /// must not shut out the others.
    var isExempt: Bool
    /// The address in X-Forwarded-For if a loopback peer sent it without being trusted. It is good enough for taking
    /// turns, but not for limits.
    var claimed: IPAddress?

    /// The key under which the client counts in limits; nil if the client is exempt.
    var limitKey: IPAddress? { isExempt ? nil : ip?.limitKey }
}

extension ClientAddress: CustomStringConvertible {
    var description: String { ip.map { "\($0)" } ?? "a client" }
}

extension Substring {
    fileprivate func trimmingBlanks() -> Substring {
        var trimmed = drop { $0 == " " || $0 == "\t" }
        while let last = trimmed.last, last == " " || last == "\t" { trimmed.removeLast() }
        return trimmed
    }
}
