import Glibc
import NIOCore
import Testing

@testable import TPoTTunnel

/// The connection is made at once or not at all; it never waits.
@Suite struct ImmediateConnectionTests {
    @Test(arguments: ["127.0.0.1", "::1"])
    func aTargetThatListensIsConnected(host: String) throws {
        let listener = try Listener(SocketAddress(ipAddress: host, port: 0), backlog: 1)
        let descriptor = try #require(ImmediateConnection.open(listener.address))
        close(descriptor)
    }

    @Test func aSocketThatListensIsConnected() throws {
        let listener = try Listener(.temporarySocket(), backlog: 1)
        let descriptor = try #require(ImmediateConnection.open(listener.address))
        close(descriptor)
    }

    @Test func aPortThatRefusesIsLeftToTheUsualWay() throws {
        let listener = try Listener(SocketAddress(ipAddress: "127.0.0.1", port: 0), backlog: nil)
        #expect(ImmediateConnection.open(listener.address) == nil)
        #expect(ImmediateConnection.open(try .temporarySocket()) == nil, "no such file")
    }

    @Test func anotherMachineIsLeftToTheUsualWay() throws {
        #expect(ImmediateConnection.open(try SocketAddress(ipAddress: "192.0.2.1", port: 80)) == nil)
    }

    /// The listener accepts nothing, so its backlog fills up and the next connection would have to wait.
    @Test func aFullBacklogIsNotWaitedFor() throws {
        for address in [try SocketAddress(ipAddress: "127.0.0.1", port: 0), try .temporarySocket()] {
            let listener = try Listener(address, backlog: 0)
            var descriptors: [CInt] = []
            while let descriptor = ImmediateConnection.open(listener.address) {
                descriptors.append(descriptor)
                try #require(descriptors.count < 100)
            }
            #expect(!descriptors.isEmpty)
            for descriptor in descriptors { close(descriptor) }
        }
    }
}

/// A socket that is bound and never accepts.
private final class Listener {
    struct Failure: Error { let code = errno }

    private(set) var address: SocketAddress
    private let descriptor: CInt

    /// - Parameter backlog: nil for a socket that does not listen.
    init(_ address: SocketAddress, backlog: CInt?) throws {
        let descriptor = socket(address.protocol.rawValue, Int32(SOCK_STREAM.rawValue), 0)
        self.descriptor = descriptor
        self.address = address
        guard address.withSockAddr({ bind(descriptor, $0, socklen_t($1)) }) == 0 else { throw Failure() }
        if let backlog { guard listen(descriptor, backlog) == 0 else { throw Failure() } }
        guard address.port != nil else { return }
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = withUnsafeMutableBytes(of: &storage) { bytes in
            getsockname(descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, &length)
        }
        guard code == 0 else { throw Failure() }
        // The port is at the same offset in both address families.
        let port = withUnsafeBytes(of: storage) { Int(UInt16(bigEndian: $0.load(fromByteOffset: 2, as: UInt16.self))) }
        self.address = try SocketAddress(ipAddress: address.ipAddress ?? "", port: port)
    }

    deinit {
        close(descriptor)
        if case .unixDomainSocket = address { unlink(address.pathname ?? "") }
    }
}

extension SocketAddress {
    /// A path that is not in use.
    fileprivate static func temporarySocket() throws -> SocketAddress {
        try SocketAddress(unixDomainSocketPath: "/tmp/tpot-socket-\(UInt64.random(in: 0 ... .max))")
    }
}
