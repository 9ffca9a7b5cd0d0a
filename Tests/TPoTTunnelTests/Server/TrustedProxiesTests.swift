import NIOCore
import Testing

@testable import TPoTTunnel

@Suite struct TrustedProxiesTests {
    private func peer(_ text: String) throws -> SocketAddress { try SocketAddress(ipAddress: text, port: 4711) }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.0", false), ("10.0.0.0/8", "::ffff:10.1.2.3", true),
        ("10.0.0.0/8", "a00::1", false), ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false),
        ("192.0.2.1/32", "192.0.2.1", true), ("128.0.0.0/1", "255.255.255.255", true),
        ("128.0.0.0/1", "127.0.0.1", false),
        ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::", false),
        ("2001:db8::/65", "2001:db8::7fff:0:0:1", true), ("2001:db8::/65", "2001:db8::8000:0:0:1", false),
        ("::1", "::1", true), ("::1", "0.0.0.1", false), ("8000::/1", "127.0.0.1", false),
        (" 10.0.0.0/8 ,\t192.0.2.7", "192.0.2.7", true), ("fe80::/10", "fe80::1", true),
    ])
    func contains(list: String, address: String, isContained: Bool) throws {
        #expect(try TrustedProxies(list).contains(#require(IPAddress(address))) == isContained)
    }

    @Test(arguments: [
        "", ",", "10.0.0.0/8,", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8",
        "10.0.0.0/٨", "10.0.0", "010.0.0.1", "proxy.example.com", "[::1]", "10.0.0.1:80", "fe80::1%lo", "fe80::1%lo/64",
        "0.0.0.0/0", "::/0", "10.0.0.1/8", "2001:db8::1/32", "10.0.0.0/99999999999999999999", "*", "10.0.0.1 10.0.0.2",
    ])
    func malformedListsAreRefused(list: String) {
        #expect(throws: TrustedProxies.ParseError.self) { try TrustedProxies(list) }
    }

    @Test func theErrorSuggestsTheRightForm() {
        let error = #expect(throws: TrustedProxies.ParseError.self) { try TrustedProxies("10.0.0.1/8") }
        #expect(
            error?.description == "\"10.0.0.1/8\" names an address and a network; write 10.0.0.0/8 for the network or"
                + " 10.0.0.1 for the address"
        )
    }

    /// The peers 10.0.0.0/8 and 2001:db8::/32 are trusted.
    @Test(arguments: [
        // No other peer is believed.
        ("198.51.100.1", ["203.0.113.9"], "198.51.100.1", false),
        ("127.0.0.1", ["203.0.113.9"], "127.0.0.1", true),
        ("::1", [], "::1", true), ("::ffff:127.0.0.9", [], "127.0.0.9", true),
        ("10.0.0.1", [], "10.0.0.1", true),
        ("10.0.0.1", ["203.0.113.9"], "203.0.113.9", false),
        ("::ffff:10.0.0.1", ["203.0.113.9"], "203.0.113.9", false),
        // Addresses from the client come before those that the proxy added.
        ("10.0.0.1", ["192.0.2.66, 203.0.113.9"], "203.0.113.9", false),
        ("10.0.0.1", ["192.0.2.66", "203.0.113.9"], "203.0.113.9", false),
        ("10.0.0.1", ["127.0.0.1, 203.0.113.9, 10.0.0.2", "2001:db8::5"], "203.0.113.9", false),
        ("10.0.0.1", ["garbage, 203.0.113.9"], "203.0.113.9", false),
        ("10.0.0.1", [", ,203.0.113.9, ,\t"], "203.0.113.9", false),
        ("10.0.0.1", ["203.0.113.9:4711"], "203.0.113.9", false),
        ("10.0.0.1", ["[2001:db9::1]:4711"], "2001:db9::1", false),
        ("10.0.0.1", ["[2001:db9::1]"], "2001:db9::1", false), ("10.0.0.1", ["2001:DB9:0::1"], "2001:db9::1", false),
        // The proxy names the loopback as its client, which is limited like any other client.
        ("10.0.0.1", ["127.0.0.1"], "127.0.0.1", false),
        // The list names no client outside the proxies.
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.1", true), ("10.0.0.1", ["", " , "], "10.0.0.1", true),
        // An entry that is not an address is not skipped: the entry before it may be the client's invention.
        ("10.0.0.1", ["203.0.113.9, unknown"], "10.0.0.1", true),
        ("10.0.0.1", ["203.0.113.9, 10.0.0.2:"], "10.0.0.1", true),
        ("10.0.0.1", ["203.0.113.9:123456"], "10.0.0.1", true), ("10.0.0.1", ["203.0.113.9:http"], "10.0.0.1", true),
        ("10.0.0.1", ["[203.0.113.9]"], "10.0.0.1", true), ("10.0.0.1", ["[2001:db9::1"], "10.0.0.1", true),
        ("10.0.0.1", ["[2001:db9::1]x"], "10.0.0.1", true), ("10.0.0.1", ["2001:db9::1%eth0"], "10.0.0.1", true),
        ("10.0.0.1", ["203.0.113.9 "], "203.0.113.9", false), ("10.0.0.1", ["203.0.113.9\u{0}"], "10.0.0.1", true),
        ("10.0.0.1", ["\"203.0.113.9\""], "10.0.0.1", true), ("10.0.0.1", ["_hidden"], "10.0.0.1", true),
    ])
    func client(peer text: String, forwardedFor: [String], address: String, isExempt: Bool) throws {
        let proxies = try TrustedProxies("10.0.0.0/8,2001:db8::/32")
        let client = proxies.client(peer: try peer(text), forwardedFor: forwardedFor)
        #expect("\(client)" == address)
        #expect(client.isExempt == isExempt)
        #expect((client.limitKey == nil) == isExempt)
    }

    @Test func aHugeListIsReadFromItsEnd() throws {
        let proxies = try TrustedProxies("10.0.0.0/8")
        let list =
            String(repeating: "192.0.2.1,", count: 100_000) + "203.0.113.9"
            + String(repeating: ",10.0.0.1", count: 1_000)
        #expect("\(proxies.client(peer: try peer("10.0.0.1"), forwardedFor: [list]))" == "203.0.113.9")
    }

    @Test func aUnixSocketHasNoAddressToLimit() throws {
        let client = TrustedProxies.none.client(peer: try SocketAddress(unixDomainSocketPath: "/tmp/x"))
        #expect(client.isExempt && client.limitKey == nil)
        #expect(TrustedProxies.none.client(peer: nil).limitKey == nil)
    }

    @Test func ipv6ClientsShareTheLimitsOfTheirNetwork() throws {
        let addresses = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1", "192.0.2.1", "192.0.2.2"]
        let keys = try addresses.map { TrustedProxies.none.client(peer: try peer($0)).limitKey }
        #expect(keys[0] == keys[1])
        #expect(Set(keys).count == 4)
    }
}
