import NIOCore
import TPoTWire
import Testing

@testable import TPoTTunnel

@Suite struct PublicHostTests {
    private let domains = ["tpot.example", "eu.tpot.example", "localhost"]

    private func read(_ host: String) -> PublicHost { PublicHost(Array(host.utf8), domains: domains) }

    @Test(arguments: [
        "tpot.example", "TPoT.Example", "tpot.example:8080", "tpot.example.", "tpot.example.:80", "tpot.example:",
        "eu.tpot.example", "localhost:3000",
    ])
    func isTheServer(host: String) {
        #expect(read(host) == .base)
    }

    @Test(arguments: [
        ("bench.tpot.example", "bench"), ("BENCH.tpot.EXAMPLE:1", "bench"), ("bench.tpot.example.", "bench"),
        ("bench.eu.tpot.example", "bench"), ("a-1.localhost", "a-1"),
    ])
    func isATunnel(host: String, name: String) throws {
        #expect(read(host) == .tunnel(try #require(Subdomain(name))))
    }

    @Test(arguments: ["", "127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:80", "[2001:DB8::1]", "[::ffff:192.0.2.1]:3000"])
    func isAnAddress(host: String) {
        #expect(read(host) == .address)
    }

    @Test func anAddressMayBeTheServersDomain() {
        #expect(PublicHost(Array("127.0.0.1:3000".utf8), domains: ["127.0.0.1"]) == .base)
    }

    @Test(arguments: [
        ".", ":", ":80", "example", "xtpot.example", "bench.other.example", ".tpot.example", "-a.tpot.example",
        "a.b.tpot.example", "a_b.tpot.example", "abcdefghijklmnopqrstuvwxy.tpot.example", "127.0.0.256",
        "::1", "[::1", "[127.0.0.1]", "[::1]x", "[::1%lo]", "1.2.3",
        "bench.tpot.example..", "bench.tpot.example:80x", " bench.tpot.example", "b\u{e9}nch.tpot.example",
        "\u{212A}.tpot.example", "bench .tpot.example",
    ])
    func isUnknown(host: String) {
        #expect(read(host) == .unknown)
    }

    @Test func bytesThatAreNoTextAreUnknown() {
        #expect(PublicHost([0xff, 0x2e] + Array("tpot.example".utf8), domains: domains) == .unknown)
        #expect(PublicHost(ByteBuffer(string: "a.localhost").readableBytesView, domains: domains) != .unknown)
    }
}
