import Logging
import TPoTTunnel
import TPoTWire
import TestSupport
import Testing

/// What `--debug` logs on both sides.
@Suite(.timeLimit(.minutes(5))) struct DebugLogTests {
    @Test func theServerLogsHowConversationsBeginAndEnd() async throws {
        let log = LogLines()
        let target = try await Targets.fixed(Targets.answer("here"))
        let proxies = try TrustedProxies("127.0.0.1")
        let server = try await Tunnel.startServer(key: Tunnel.key, logger: log.logger(.debug)) {
            $0.trustedProxies = proxies
        }
        let tunnel = try await Tunnel.start(
            target: "localhost:\(target.port)",
            name: "shop",
            key: Tunnel.key,
            server: server
        )
        try await log.line(with: "debug handshake: 101 client=127.0.0.1 ms=")
        let visitor = try await tunnel.visitor()
        visitor.send(tunnel.request("/", fields: "X-Forwarded-For: 203.0.113.9, 198.51.100.7\r\n"))
        _ = try await visitor.readMessage()
        let opened = try await log.line(with: "debug conversation opened")
        #expect(opened == "debug conversation opened conversation=1 tunnel=shop visitor=198.51.100.7")
        visitor.reset()
        let closed = try await log.line(with: "debug conversation closed")
        #expect(closed.hasPrefix("debug conversation closed: the visitor "))
        #expect(closed.hasSuffix(" conversation=1 tunnel=shop"))

        // The name is taken, the key is missing, the tunnel is unknown.
        let second = try await Tunnel.makeClient(serverPort: server.port, target: "1", name: "shop") {
            $0.authKey = Tunnel.key
        }
        second.start()
        _ = try await second.outcome.get()
        try await log.line(with: "debug handshake: 409 subdomain is already in use client=127.0.0.1 ms=")
        let stranger = try await Tunnel.makeClient(serverPort: server.port, target: "1", name: "other")
        stranger.start()
        _ = try await stranger.outcome.get()
        let refused = try await log.line(with: "debug handshake: 401 no authorization header present")
        #expect(refused.hasSuffix(" tunnel=other"))
        let lost = try await RawPeer.connect(port: server.port)
        lost.send("GET /?a=SECRET HTTP/1.1\r\nHost: nobody.localhost\r\nX-Forwarded-For: 198.51.100.8\r\n\r\n")
        _ = try await lost.readToEnd()
        try await log.line(with: "debug answered 503: tunnel not found visitor=198.51.100.8")
        let probe = try await RawPeer.connect(port: server.port)
        probe.send("GET /healthz?b=SECRET HTTP/1.1\r\nHost: localhost\r\n\r\n")
        _ = try await probe.readToEnd()
        try await log.line(with: "debug answered 200 to GET /healthz client=127.0.0.1")
        #expect(log.lines.contains { $0.hasPrefix("debug limits ") })
        try await tunnel.stop()
        #expect(!log.lines.contains { $0.contains("SECRET") || $0.contains("TPoT-1 ") || $0.contains(Tunnel.key) })
    }

    @Test func theClientLogsHowItConnects() async throws {
        let log = LogLines()
        let target = try await Targets.fixed(Targets.answer("here"))
        let server = try await Tunnel.startServer(key: Tunnel.key)
        let client = try await Tunnel.makeClient(
            serverPort: server.port,
            target: "localhost:\(target.port)",
            name: "shop",
            logger: log.logger(.debug)
        ) { $0.authKey = Tunnel.key }
        client.start()
        _ = try await client.firstURL.get()
        let visitor = try await RawPeer.connect(port: server.port)
        visitor.send("GET / HTTP/1.1\r\nHost: shop.localhost\r\n\r\n")
        _ = try await visitor.readMessage()
        for beginning in [
            "looked up localhost: ", "connected to ", "the server answered 101: the upgrade is done ms=",
            "the server greets tunnel=shop", "target connected: 127.0.0.1:\(target.port) ms=",
        ] {
            #expect(log.lines.contains { $0.hasPrefix("debug \(beginning)") }, "\(beginning)")
        }
        #expect(!log.lines.contains { $0.contains("TPoT-1 ") || $0.contains(Tunnel.key) })
        client.stop()
        _ = try await client.outcome.get()
        try await server.stop().get()
    }

    @Test func theClientLogsWhatWentWrong() async throws {
        let log = LogLines()
        let closed = try RefusedPort.take()
        let server = try await Tunnel.startServer()
        let holder = try await Tunnel.start(target: "1", name: "shop", server: server)
        let client = try await Tunnel.makeClient(
            serverPort: server.port,
            target: "127.0.0.1:\(closed)",
            name: "shop",
            logger: log.logger(.debug)
        )
        client.start()
        _ = try await client.outcome.get()
        try await log.line(with: "debug the server answered 409: Conflict (subdomain is already in use) ms=")
        _ = try await client.probeTarget().get()
        try await log.line(with: "debug target not connected: connection refused ms=")
        try await holder.stop()
    }

    @Test func theClientLogsTheServersCertificate() async throws {
        let log = LogLines()
        let listener = try await RawListener.start(tls: try TestCertificate.serverContext())
        try await TestCertificate.withFile { path in
            let client = try await Tunnel.makeClient(serverPort: 1, target: "1", logger: log.logger(.debug)) {
                $0.server = ServerAddress(scheme: .https, host: "localhost", port: listener.port)
                $0.serverTrust = .roots(path)
            }
            client.start()
            _ = try await ScriptedServer.accept(listener)
            _ = try await client.firstURL.get()
            client.stop()
        }
        let line = try await log.line(with: "debug TLS handshake: TLS 1.3 certificate=serial_number=")
        #expect(
            line.contains(" common_name=tpot test alternative_names=localhost expires=2126-10-31T05:27:17.000Z ms=")
        )
    }

    @Test func aProxyIsLoggedWithoutItsPassword() async throws {
        let log = LogLines()
        let proxy = try await RawListener.start()
        let client = try await Tunnel.makeClient(serverPort: 8080, target: "1", logger: log.logger(.debug)) {
            $0.proxy = .init(host: "127.0.0.1", port: proxy.port, authorization: "Basic dTpw")
        }
        client.start()
        let asked = try await proxy.next()
        try await asked.read(through: "\r\n\r\n")
        asked.send("HTTP/1.1 200 OK\r\n\r\n")
        _ = ScriptedServer.upgrade(asked, try await asked.read(through: "\r\n\r\n"))
        try await log.line(with: "debug the proxy 127.0.0.1:\(proxy.port) connected us to localhost:8080 ms=")
        #expect(!log.lines.contains { $0.contains("dTpw") })
        client.stop()
    }

    @Test func withoutDebugNoneOfThisIsLogged() async throws {
        let log = LogLines()
        let target = try await Targets.fixed(Targets.answer("here"))
        let server = try await Tunnel.startServer(logger: log.logger(.info))
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)", name: "shop", server: server)
        let visitor = try await tunnel.visitor()
        visitor.send(tunnel.request("/"))
        _ = try await visitor.readMessage()
        try await tunnel.stop()
        let last = try await log.line(with: "tunnel closed")
        #expect(log.lines == ["info tunnel opened for 127.0.0.1 tunnel=shop", last])
    }
}
