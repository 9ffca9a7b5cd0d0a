import Glibc
import NIOCore
import NIOPosix
import TPoTTunnel
import TestSupport
import Testing

/// How many connections the server accepts, and how it notices that one is lost.
@Suite(.timeLimit(.minutes(3))) struct ConnectionTests {
    @Test func aConnectionBeyondTheLimitIsClosed() async throws {
        let server = try await Tunnel.startServer { $0.connections = 3 }
        var visitors: [RawPeer] = []
        for _ in 1...3 {
            let visitor = try await RawPeer.connect(port: server.port)
            // Its answer shows that it was accepted.
            visitor.send("GET /healthz HTTP/1.1\r\nHost: nobody.localhost\r\n")
            visitors.append(visitor)
        }
        #expect(await Self.health(of: server) == nil)
        visitors[0].send("\r\n")
        #expect(try await visitors[0].readToEnd().text.hasPrefix("HTTP/1.1 503 "))
        visitors[0].close()
        // There is room again, as soon as the server has noticed.
        while await Self.health(of: server) == nil {}
        try await server.stop().get()
    }

    /// The server's answer; nil if it did not accept the connection.
    private static func health(of server: TunnelServer) async -> String? {
        guard let visitor = try? await RawPeer.connect(port: server.port) else { return nil }
        visitor.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        guard let (text, _) = try? await visitor.readToEnd(), !text.isEmpty else { return nil }
        return text
    }

    /// Without keep-alive, the conversation of a visitor that vanished would stay for ever.
    @Test func acceptedSocketsUseKeepAlive() async throws {
        let server = try await Tunnel.startServer()
        let visitor = try await RawPeer.connect(port: server.port)
        visitor.send("GET / HTTP/1.1\r\n")
        // The server is in this process. Its socket is the one whose peer is the visitor.
        let port = try #require(visitor.channel.localAddress?.port)
        var found: CInt?
        while found == nil {
            found = (3..<CInt(clamping: min(DescriptorLimit.current, 65_536))).first { Self.peerPort($0) == port }
        }
        let descriptor = try #require(found)
        #expect(Self.option(descriptor, SOL_SOCKET, SO_KEEPALIVE) == 1)
        #expect(Self.option(descriptor, CInt(IPPROTO_TCP), TCP_KEEPIDLE) == 60)
        #expect(Self.option(descriptor, CInt(IPPROTO_TCP), TCP_KEEPINTVL) == 10)
        #expect(Self.option(descriptor, CInt(IPPROTO_TCP), TCP_KEEPCNT) == 6)
        visitor.close()
        try await server.stop().get()
    }

    private static func peerPort(_ descriptor: CInt) -> Int? {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(descriptor, $0, &size) }
        }
        guard status == 0, address.sin_family == sa_family_t(AF_INET) else { return nil }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private static func option(_ descriptor: CInt, _ level: CInt, _ name: CInt) -> CInt {
        var value: CInt = -1
        var size = socklen_t(MemoryLayout<CInt>.size)
        getsockopt(descriptor, level, name, &value, &size)
        return value
    }
}
