import FoundationEssentials
import Glibc
import TPoTNetwork
import TPoTTraffic
import TPoTTunnel
import TestSupport
import Testing

/// Checks whether the target can be reached, before a visitor finds out.
@Suite(.timeLimit(.minutes(3))) struct TargetProbeTests {
    private func probe(
        _ target: String,
        _ change: (inout TunnelClientConfiguration) -> Void = { _ in }
    ) async throws -> NetworkCause? {
        let client = try await Tunnel.makeClient(serverPort: 1, target: target, change)
        defer { client.stop() }
        return try await client.probeTarget().get()
    }

    /// `nc -l` accepts a single connection, which has to be that of the first visitor.
    @Test func aListeningTargetGetsNoConnection() async throws {
        let target = try await RawListener.start()
        #expect(try await probe("\(target.port)") == nil)
        try await expectNoConnection(to: target) { try await RawPeer.connect(port: target.port) }
    }

    @Test func aListeningUnixSocketGetsNoConnection() async throws {
        let path = "/tmp/tpot-probe-\(UInt64.random(in: 0 ... .max))"
        #expect(try await probe("unix:\(path)") == .system(errno: ENOENT))
        let target = try await RawListener.start(unixSocket: path)
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(try await probe("unix:\(path)") == nil)
        try await expectNoConnection(to: target) { try await RawPeer.connect(unixSocket: path) }
        try await target.stop()
    }

    /// Expects that the first connection of the target is the one made here.
    private func expectNoConnection(to target: RawListener, _ connect: () async throws -> RawPeer) async throws {
        let peer = try await connect()
        peer.send("the first\n")
        #expect(try await target.next().read(through: "\n") == "the first\n")
    }

    @Test func aMissingTargetIsFound() async throws {
        let closed = try RefusedPort.take()
        #expect(try await probe("\(closed)") == .system(errno: ECONNREFUSED))
    }

    @Test func anUntrustedCertificateIsFound() async throws {
        let target = try await RawListener.start(tls: TestCertificate.serverContext()) { peer in
            _ = try await peer.readToEnd()
        }
        let address = "https://localhost:\(target.port)"
        #expect(try await probe(address) == .certificate(.notTrusted))
        #expect(try await probe(address) { $0.targetTrust = .anything } == nil)
    }

    /// A visitor finds out that the target is down, and no visitor is needed to find out that it is up again.
    @Test func aTargetThatStartsLaterIsNoticed() async throws {
        let path = "/tmp/tpot-later-\(UInt64.random(in: 0 ... .max))"
        let tunnel = try await Tunnel.start(target: "unix:\(path)")
        let events = TunnelEvents(tunnel.bus)
        let visitor = try await tunnel.visitor()
        visitor.send(tunnel.request("/"))
        try await events.wait { status in
            guard case .target(.down(_, let reason)) = status else { return false }
            return reason == "unix:\(path): no such socket file; start it, or name another"
        }
        let target = try await RawListener.start(unixSocket: path)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await events.wait { $0 == .target(.up) }
        // The connection was closed at once.
        _ = try await target.next().ended()
        try await tunnel.stop()
        try await target.stop()
    }
}
