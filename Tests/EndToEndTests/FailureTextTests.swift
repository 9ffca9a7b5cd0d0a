import NIOSSL
import TPoTNetwork
import TPoTTraffic
import TPoTTunnel
import TestSupport
import Testing

@testable import TPoTCommand
@testable import TPoTLogin
@testable import TPoTWire

/// What a person reads when a connection fails: the peer, its address, the cause, and the remedy.
@Suite(.timeLimit(.minutes(8))) struct FailureTextTests {
    /// The faulty server or proxy that takes the place of a good one.
    enum Fault: String, CaseIterable, Sendable {
        case untrusted, wrongName, expired, plainOnTLS, closesTLS, closes, speaksFirst, secureOnly, redirects, notFound
        case foreignWebSocket
        case proxyWantsCredentials, proxyForbids, proxyCannotConnect, proxySpeaksNoHTTP, proxyCloses

        var isProxys: Bool { rawValue.hasPrefix("proxy") }

        var isTLS: Bool {
            switch self {
            case .untrusted, .wrongName, .expired, .plainOnTLS, .closesTLS: true
            default: false
            }
        }

        /// The certificates that the client trusts as authorities.
        var roots: [TestCertificate] {
            switch self {
            case .wrongName: [.valid, .wrongName]
            case .expired: [.valid, .expired]
            default: [.valid]
            }
        }

        func start() async throws -> RawListener {
            func tls(_ certificate: TestCertificate) async throws -> RawListener {
                try await RawListener.start(tls: certificate.serverContext()) { _ = try await $0.readToEnd() }
            }
            func answer(_ bytes: String) async throws -> RawListener {
                try await RawListener.start { peer in
                    _ = try await peer.readMessage()
                    peer.send(bytes)
                }
            }
            @Sendable func page(_ status: String, _ fields: String = "") -> String {
                let body = "<html><head><title>\(status)</title></head></html>"
                return "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
            }
            return switch self {
            case .untrusted, .wrongName: try await tls(.wrongName)
            case .expired: try await tls(.expired)
            case .plainOnTLS:
                // Like web servers, it does not wait for the end of a line.
                try await RawListener.start { peer in
                    _ = try await peer.read(count: 8)
                    peer.send(page("400 Bad Request"))
                }
            case .closesTLS, .closes, .proxyCloses: try await RawListener.start { $0.close() }
            case .speaksFirst: try await RawListener.start { $0.send("SSH-2.0-OpenSSH_9.2p1\r\n") }
            case .secureOnly:
                try await answer(page("400 The plain HTTP request was sent to HTTPS port"))
            case .redirects: try await answer(page("301 Moved", "Location: https://localhost/create-tpot\r\n"))
            case .notFound:
                try await answer(
                    "HTTP/1.1 404 Not Found\r\nContent-Length: 40\r\n\r\nNot Found (no such host on this server)\n"
                )
            case .foreignWebSocket:
                try await RawListener.start { peer in
                    _ = ScriptedServer.upgrade(peer, try await peer.read(through: "\r\n\r\n"))
                    _ = try await peer.readToEnd()
                }
            case .proxyWantsCredentials: try await answer(page("407 Proxy Authentication Required"))
            case .proxyForbids: try await answer(page("403 Forbidden"))
            case .proxyCannotConnect: try await answer(page("502 Bad Gateway"))
            case .proxySpeaksNoHTTP: try await answer("SSH-2.0-OpenSSH_9.2p1\r\n")
            }
        }

        /// Words that the sentence must contain, for these addresses of the server and the proxy.
        func words(_ server: ServerAddress, _ proxy: String) -> [String] {
            let unreachable = "the server \(server) cannot be reached: "
            return switch self {
            case .untrusted: [unreachable + "its certificate is not trusted", "--server-ca"]
            case .wrongName: [unreachable + "its certificate is for another name", "check the name"]
            case .expired: [unreachable + "its certificate has expired", "renew it"]
            case .plainOnTLS: [unreachable + "it does not speak TLS", "write http://localhost:\(server.port)"]
            case .closesTLS: [unreachable, "check its address and port"]
            case .closes: [unreachable, "write https://localhost:\(server.port)"]
            case .speaksFirst: ["not a TPoT server: \(server)", "does not speak HTTP"]
            case .secureOnly: ["the server \(server) speaks https: write https://localhost:\(server.port)"]
            case .redirects:
                ["the server \(server) answered 301 and leads to https://localhost/", "write https://localhost"]
            case .notFound: ["the server \(server)", "404 Not Found (no such host on this server)", "pass Host on"]
            case .foreignWebSocket: ["the server \(server)", "sent no greeting", "check that it is a TPoT server"]
            case .proxyWantsCredentials: ["the proxy \(proxy)", "=http://USER:PASSWORD@\(proxy)"]
            case .proxyForbids:
                ["the proxy \(proxy) did not connect us to the server \(server): 403 Forbidden", "NO_PROXY"]
            case .proxyCannotConnect: ["the proxy \(proxy)", "502 Bad Gateway"]
            case .proxySpeaksNoHTTP: ["the proxy \(proxy) cannot be reached: it does not speak HTTP", "HTTP_PROXY"]
            case .proxyCloses: ["the proxy \(proxy) cannot be reached: ", "HTTP_PROXY"]
            }
        }
    }

    struct Way: CustomStringConvertible, Sendable {
        var fault: Fault
        var hasKey: Bool
        var isReconnect: Bool
        var isProxied: Bool

        var description: String {
            "\(fault)\(hasKey ? ", key" : "")\(isReconnect ? ", reconnect" : "")\(isProxied ? ", proxied" : "")"
        }

        static var all: [Way] {
            Fault.allCases.flatMap { fault in
                [false, true].flatMap { hasKey in
                    [false, true].flatMap { isReconnect in
                        // With a proxy in between, another side may notice the fault first. One combination with a
                        // proxy is enough.
                        let isAlsoProxied = hasKey && !isReconnect
                        return (fault.isProxys ? [true] : isAlsoProxied ? [false, true] : [false]).map {
                            Way(fault: fault, hasKey: hasKey, isReconnect: isReconnect, isProxied: $0)
                        }
                    }
                }
            }
        }
    }

    /// The cases are serialized: in parallel they would make each other's handshakes time out.
    @Test(.serialized, arguments: Way.all) func faultsOfServersAndProxiesAreExplained(way: Way) async throws {
        let fault = way.fault
        let bad = try await fault.start()
        let good = try await RawListener.start(tls: fault.isTLS ? TestCertificate.serverContext() : nil)
        let proxy = try await HonestProxy.start()
        // The server's address is a relay that leads to the good or the bad server. The proxy's address is one, too.
        let server = try await Relay.start(to: way.isReconnect || fault.isProxys ? good.port : bad.port)
        let middle = try await Relay.start(to: fault.isProxys && !way.isReconnect ? bad.port : proxy.port)
        let address = ServerAddress(scheme: fault.isTLS ? .https : .http, host: "localhost", port: server.port)
        let bus = TrafficBus()
        let text: String = try await TestCertificate.withFile(of: fault.roots) { path in
            let client = try await Tunnel.makeClient(serverPort: server.port, target: "1", bus: bus) {
                $0.server = address
                $0.serverTrust = .roots(path)
                // Every fault shows at once, but other tests may keep the machine busy.
                $0.handshakeTimeout = .minutes(2)
                $0.authKey = way.hasKey ? Tunnel.key : nil
                if way.isProxied { $0.proxy = .init(host: "127.0.0.1", port: middle.port, authorization: nil) }
            }
            let events = TunnelEvents(bus)
            client.start()
            defer { client.stop() }
            guard way.isReconnect else {
                let failure = try #require(try await client.outcome.get())
                return FailureText(server: address).text(failure)
            }
            let tunnel = try await ScriptedServer.accept(good)
            try await events.wait { if case .online = $0 { true } else { false } }
            (fault.isProxys ? middle : server).destination.withLockedValue { $0 = bad.port }
            tunnel.peer.close()
            var reason = ""
            try await events.wait { status in
                guard case .reconnecting(let attempt, _, let text) = status else { return false }
                if attempt == 1 {
                    #expect(text.hasPrefix("the tunnel to the server \(address) was lost: "))
                } else {
                    reason = text
                }
                return attempt == 2
            }
            return reason
        }
        for words in fault.words(address, "127.0.0.1:\(middle.port)") { #expect(text.contains(words), "\(text)") }
        expectPlain(text)
    }

    private func expectPlain(_ text: String) {
        for word in ["NIO", "SSL", "httpresponse", "HTTPResponse", "Error", ".swift", ".cc", "<", "unknown", "[]"] {
            #expect(!text.contains(word), "\(text)")
        }
    }

    @Test(arguments: [false, true]) func aRefusedConnectionIsExplained(hasKey: Bool) async throws {
        let closed = try RefusedPort.take()
        func text(_ change: @escaping (inout TunnelClientConfiguration) -> Void) async throws -> String {
            let client = try await Tunnel.makeClient(serverPort: closed, target: "1") {
                $0.authKey = hasKey ? Tunnel.key : nil
                change(&$0)
            }
            client.start()
            let failure = try #require(try await client.outcome.get())
            return FailureText(server: ServerAddress(scheme: .http, host: "localhost", port: closed)).text(failure)
        }
        let direct = try await text { _ in }
        #expect(direct.hasPrefix("the server http://localhost:\(closed) cannot be reached: connection refused; "))
        #expect(direct.contains("--wait"))
        let proxied = try await text { $0.proxy = .init(host: "127.0.0.1", port: closed, authorization: nil) }
        #expect(proxied.hasPrefix("the proxy 127.0.0.1:\(closed) cannot be reached: connection refused; "))
        #expect(proxied.contains("HTTP_PROXY"))
    }

    @Test func anUnknownHostNameIsReported() async throws {
        let client = try await Tunnel.makeClient(serverPort: 1, target: "1") {
            $0.server = ServerAddress(scheme: .https, host: "tpot.invalid", port: 443)
        }
        client.start()
        #expect(try await client.outcome.get() == .notConnected(.unreachable(.server, .nameNotFound("tpot.invalid"))))
    }

    // MARK: Providers

    @Test(arguments: [Fault.untrusted, .wrongName, .expired, .plainOnTLS, .closesTLS])
    func faultsOfProvidersAreExplained(fault: Fault) async throws {
        let bad = try await fault.start()
        let issuer = "https://localhost:\(bad.port)"
        let address = try #require(ProviderMetadata.address(issuer: issuer))
        let server = ServerAddress(scheme: .https, host: "tpot.example.com", port: 443)
        try await TestCertificate.withFile(of: fault.roots) { path in
            let web = LoginWeb(serverCAFile: path, proxies: ProxyEnvironment([:]), eventLoop: Tunnel.loop)
            let failure = await #expect(throws: LoginError.self) { _ = try await web.ask(address) }
            let text = failure.map { FailureText(server: server).text($0) } ?? ""
            #expect(text.hasPrefix("the identity provider \(issuer) cannot be reached: "))
            #expect(!text.contains("tpot.example.com"))
            expectPlain(text)
        }
    }

    // MARK: Targets

    enum TargetFault: CaseIterable, Sendable {
        case untrusted, wrongName, expired, plainOnTLS, tlsOnPlain, closes, refused, wantsCertificate,
            wantsCertificateTLS12

        func words(_ port: Int) -> [String] {
            switch self {
            case .untrusted:
                ["https://localhost:\(port): its certificate is not trusted", "--target-ca", "--insecure-target"]
            case .wrongName: ["https://localhost:\(port): its certificate is for another name", "--insecure-target"]
            case .expired: ["https://localhost:\(port): its certificate has expired", "--insecure-target"]
            case .plainOnTLS: ["https://localhost:\(port): it does not speak TLS", "write http://localhost:\(port)"]
            case .tlsOnPlain, .closes: ["localhost:\(port): ", "if it speaks https, write https://localhost:\(port)"]
            case .refused: ["localhost:\(port): connection refused", "start it"]
            case .wantsCertificate: ["https://localhost:\(port): it wants a client certificate"]
            case .wantsCertificateTLS12: ["https://localhost:\(port): the TLS handshake failed", "client certificate"]
            }
        }

        var end: ConversationEnd? {
            switch self {
            case .untrusted, .wrongName, .expired, .plainOnTLS, .wantsCertificateTLS12: .targetNotSecured
            case .refused: .targetNotConnected
            case .tlsOnPlain, .closes: .targetClosed(complete: false)
            case .wantsCertificate: nil
            }
        }

        func start() async throws -> Int {
            func tls(
                _ certificate: TestCertificate,
                _ change: (inout TLSConfiguration) -> Void = { _ in }
            ) async throws -> Int {
                try await RawListener.start(tls: certificate.serverContext(change)) { peer in
                    _ = try await peer.readMessage()
                    peer.send(Targets.answer("secret"))
                }.port
            }
            return switch self {
            case .untrusted, .wrongName: try await tls(.wrongName)
            case .expired: try await tls(.expired)
            case .plainOnTLS: try await Fault.plainOnTLS.start().port
            case .tlsOnPlain: try await tls(.valid)
            case .closes:
                try await RawListener.start { peer in
                    _ = try await peer.readMessage()
                    peer.close()
                }.port
            case .refused: try RefusedPort.take()
            case .wantsCertificate, .wantsCertificateTLS12:
                try await tls(.valid) {
                    $0.certificateVerification = .noHostnameVerification
                    if self == .wantsCertificateTLS12 { $0.maximumTLSVersion = .tlsv12 }
                }
            }
        }
    }

    @Test(arguments: TargetFault.allCases) func faultsOfTargetsAreExplained(fault: TargetFault) async throws {
        let port = try await fault.start()
        let isTLS = ![.tlsOnPlain, .closes, .refused].contains(fault)
        let roots: [TestCertificate] = fault == .wrongName ? [.valid, .wrongName] : [.valid]
        try await TestCertificate.withFile(of: roots) { path in
            let tunnel = try await Tunnel.start(target: "\(isTLS ? "https://" : "")localhost:\(port)") {
                $0.targetTrust = .roots(path)
            }
            let events = TunnelEvents(tunnel.bus)
            let visitor = try await tunnel.visitor()
            visitor.send(tunnel.request("/"))
            var text = ""
            try await events.next { event in
                if case .targetFailed(let reason) = event.kind { text = reason }
                return !text.isEmpty
            }
            for words in fault.words(port) { #expect(text.contains(words), "\(text)") }
            #expect(!text.contains("--server-ca"))
            expectPlain(text)
            try await events.next { event in
                guard case .closed(let end) = event.kind else { return false }
                if let expected = fault.end { #expect(end == expected) }
                return true
            }
            try await tunnel.stop()
        }
    }

    // MARK: Without a connection

    @Test func refusalsOfAServerNameTheRemedy() throws {
        let text = FailureText(server: try ServerAddress("https://tpot.example.com"))
        let cures: [(ConnectFailure, String)] = [
            (.tooManyTunnels("x"), "raise --max-tunnels"), (.mustWait("x"), "check the key, and try again"),
            (.nameReserved("x"), "choose another one with --subdomain"), (.subdomainTaken("x"), "--subdomain"),
            (.takenForPage("x"), "leave Origin out"), (.serverBusy("x"), "--wait"),
            (.notAuthorized("x"), "check the key, and this machine's clock"),
            (.refused(status: 400, "Bad Request (requested subdomain is invalid)"), "check --subdomain"),
            (.refused(status: 503, "Service Unavailable (tunnel not found)"), "leave its first part out"),
            (.notConnected(.noTrust(.noSystemRoots)), "ca-certificates"),
        ]
        for (failure, cure) in cures { #expect(text.text(failure).contains(cure)) }
        for (failure, _) in cures.dropLast() { #expect(text.text(failure).contains("https://tpot.example.com")) }
    }

    @Test func filesWithoutCertificatesAreReported() async throws {
        func trust(_ path: String) async -> TrustFailure? {
            await #expect(throws: TrustFailure.self) {
                _ = try await Tunnel.makeClient(serverPort: 1, target: "1") {
                    $0.server = ServerAddress(scheme: .https, host: "localhost", port: 1)
                    $0.serverTrust = .roots(path)
                }
            }
        }
        #expect(await trust("/nowhere/ca.pem") == .missingFile("/nowhere/ca.pem"))
        #expect(await trust("/dev/null") == .unusableFile("/dev/null"))
    }
}

/// A proxy that connects to the requested address.
private enum HonestProxy {
    static func start() async throws -> RawListener {
        try await RawListener.start { near in
            let request = try await near.read(through: "\r\n\r\n")
            let authority = request.split(separator: " ").dropFirst().first ?? ""
            let port = authority.split(separator: ":").last.flatMap { Int($0) } ?? 0
            let far = try await RawPeer.connect(port: port)
            near.send("HTTP/1.1 200 Connection established\r\n\r\n")
            async let up: Void = copy(near, far)
            try await copy(far, near)
            try await up
        }
    }

    private static func copy(_ from: RawPeer, _ to: RawPeer) async throws {
        while let bytes = try? await from.read(count: 1) { to.send(bytes) }
        to.close()
    }
}
