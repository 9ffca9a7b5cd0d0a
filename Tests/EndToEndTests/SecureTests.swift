import TPoTNetwork
import TPoTTunnel
import TPoTWire
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite(.timeLimit(.minutes(3))) struct SecureTests {
    @Test func aTargetIsTrustedByTheGivenAuthority() async throws {
        try await TestCertificate.withFile { path in
            let text = try await answer { $0.targetTrust = .roots(path) }
            #expect(text.hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test func anUntrustedTargetGivesTheVisitor503() async throws {
        let text = try await answer { _ in }
        #expect(text.hasPrefix("HTTP/1.1 503 "))
    }

    @Test func theCheckOfTheTargetsCertificateCanBeTurnedOff() async throws {
        let text = try await answer { $0.targetTrust = .anything }
        #expect(text.hasPrefix("HTTP/1.1 200 "))
    }

    @Test func aServerIsTrustedByTheGivenAuthorityOnly() async throws {
        let listener = try await RawListener.start(tls: try TestCertificate.serverContext())
        func client(_ trust: CertificateTrust) async throws -> TunnelClient {
            try await Tunnel.makeClient(serverPort: listener.port, target: "1") {
                $0.server = ServerAddress(scheme: .https, host: "localhost", port: listener.port)
                $0.serverTrust = trust
            }
        }
        try await TestCertificate.withFile { path in
            let trusting = try await client(.roots(path))
            trusting.start()
            _ = try await ScriptedServer.accept(listener)
            let url = try await trusting.firstURL.get()
            #expect(url == "https://scripted.localhost:\(listener.port)")
            trusting.stop()
        }
        let careful = try await client(.system)
        careful.start()
        #expect(try await careful.outcome.get() == .notConnected(.unreachable(.server, .certificate(.notTrusted))))
    }

    @Test func aTargetMayBeAUnixSocket() async throws {
        let path = "/tmp/tpot-test-\(UInt64.random(in: 0 ... .max)).sock"
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = try await RawListener.start(unixSocket: path) { peer in
            peer.send(Targets.answer(try await peer.readMessage()))
        }
        let tunnel = try await Tunnel.start(target: "unix:\(path)")
        let visitor = try await tunnel.visitor()
        visitor.send(tunnel.request("/socket"))
        #expect(try await visitor.readMessage().contains("GET /socket HTTP/1.1\r\nHost: localhost\r\n"))
        try await tunnel.stop()
    }

    @Test func theServerIsReachedThroughAProxy() async throws {
        let proxy = try await RawListener.start()
        let client = try await Tunnel.makeClient(serverPort: 1234, target: "1") {
            $0.proxy = .init(host: "127.0.0.1", port: proxy.port, authorization: "Basic dTpw")
        }
        client.start()
        // The client asks the proxy for the server, and then asks the server for a tunnel on the same connection.
        let asked = try await proxy.next()
        let request = try await asked.read(through: "\r\n\r\n")
        #expect(request.hasPrefix("CONNECT localhost:1234 HTTP/1.1\r\n"))
        #expect(request.contains("Proxy-Authorization: Basic dTpw\r\n"))
        asked.send("HTTP/1.1 200 Connection established\r\n\r\n")
        #expect(try await asked.read(through: "\r\n\r\n").hasPrefix("GET /create-tpot?subdomain="))
        client.stop()
    }

    @Test func aRefusingProxyIsReported() async throws {
        let proxy = try await RawListener.start { peer in
            _ = try await peer.readMessage()
            peer.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        }
        let client = try await Tunnel.makeClient(serverPort: 1234, target: "1") {
            $0.proxy = .init(host: "127.0.0.1", port: proxy.port, authorization: nil)
        }
        client.start()
        #expect(
            try await client.outcome.get()
                == .notConnected(.refusedByProxy("127.0.0.1:\(proxy.port)", status: 403, "Forbidden"))
        )
    }

    private func answer(_ change: (inout TunnelClientConfiguration) -> Void) async throws -> String {
        let target = try await RawListener.start(tls: try TestCertificate.serverContext()) { peer in
            _ = try await peer.readMessage()
            peer.send(Targets.answer("secret"))
        }
        let tunnel = try await Tunnel.start(target: "https://localhost:\(target.port)", change)
        let visitor = try await tunnel.visitor()
        visitor.send(tunnel.request("/"))
        let answer = try await visitor.readMessage()
        try await tunnel.stop()
        return answer
    }
}
