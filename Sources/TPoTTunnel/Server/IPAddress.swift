import NIOCore

/// An IPv4 or IPv6 address as 128 bits. IPv4 is kept as mapped IPv6 (`::ffff:a.b.c.d`), so a client has the same
/// address whether the socket listens on `::` or on `0.0.0.0`.
package struct IPAddress: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    static let bitCount = 128
    private static let mappedPrefix: UInt64 = 0x0000_ffff_0000_0000
    /// Providers give each IPv6 customer at least a /64, so an attacker controls all of its addresses.
    private static let customerPrefixLength = 64

    private init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    init(ipv4: UInt32) {
        self.init(high: 0, low: Self.mappedPrefix | UInt64(ipv4))
    }

    /// Nil for a Unix domain socket.
    init?(_ address: SocketAddress) {
        switch address {
        case .v4(let address):
            self.init(ipv4: UInt32(bigEndian: address.address.sin_addr.s_addr))
        case .v6(let address):
            let (high, low) = withUnsafeBytes(of: address.address.sin6_addr) { bytes in
                (bytes.loadUnaligned(as: UInt64.self), bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            }
            self.init(high: UInt64(bigEndian: high), low: UInt64(bigEndian: low))
        case .unixDomainSocket:
            return nil
        }
    }

    /// Reads `192.0.2.1` or `2001:db8::1`, without brackets, port or zone.
    init?(_ text: some StringProtocol) {
        // The system's parser stops at a NUL and looks zones up among the interfaces.
        guard text.utf8.count <= 45, text.utf8.allSatisfy(Self.isAddressByte),
            let address = try? SocketAddress(ipAddress: String(text), port: 0)
        else { return nil }
        self.init(address)
    }

    private static func isAddressByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: "."), UInt8(ascii: ":"):
            true
        default: false
        }
    }

    var isIPv4: Bool { high == 0 && low & ~UInt64(UInt32.max) == Self.mappedPrefix }

    /// 127.0.0.0/8 or ::1.
    var isLoopback: Bool { isIPv4 ? low >> 24 & 0xff == 127 : high == 0 && low == 1 }

    /// The address with all bits after the first `length` of 128 cleared.
    func prefix(_ length: Int) -> IPAddress {
        IPAddress(
            high: length >= 64 ? high : high & ~(UInt64.max >> UInt64(max(length, 0))),
            low: length >= Self.bitCount ? low : low & ~(UInt64.max >> UInt64(max(length - 64, 0)))
        )
    }

    /// The key for limits per address. An IPv6 address counts by its /64.
    var limitKey: IPAddress { isIPv4 ? self : prefix(Self.customerPrefixLength) }

    /// The same key as text for the log.
    var limitName: String { isIPv4 ? "\(self)" : "\(limitKey)/\(Self.customerPrefixLength)" }
}

extension IPAddress: CustomStringConvertible {
    package var description: String {
        if isIPv4 {
            return [24, 16, 8, 0].map { "\(low >> UInt64($0) & 0xff)" }.joined(separator: ".")
        }
        var buffer = ByteBuffer()
        buffer.writeMultipleIntegers(high, low)
        return (try? SocketAddress(packedIPAddress: buffer, port: 0))?.ipAddress ?? "an IPv6 address"
    }
}
