import Logging
import NIOConcurrencyHelpers
import TPoTCapture
import TPoTNetwork
import TPoTTraffic
import TPoTTunnel
import TestSupport
import Testing

@testable import TPoTCommand
@testable import TPoTLogin
@testable import TPoTSystem
@testable import TPoTWire

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A pause that never ends by itself.
func untilCancelled() async throws { try await Task.sleep(for: .seconds(3600)) }

/// A server that requires a login, an identity provider, and a separate home folder for each test.
final class LoginPlace: Sendable {
    let provider: FakeProvider
    let server: AskingServer
    let home: String
    let address: ServerAddress
    let login: ServerLogin
    /// Milliseconds that are added to the clock.
    let lateness: NIOLockedValueBox<Int64>

    init(isTLS: Bool = true, settings: LoginSettings = LoginSettings(), home other: LoginPlace? = nil) async throws {
        if let other { provider = other.provider } else { provider = try await FakeProvider.start() }
        let announcement = """
            {"method":"oidc","oidcIssuer":"\(provider.issuer)","oidcClientId":"tpot","oidcScopes":"openid tunnel"}
            """
        server = try await AskingServer.start(announcing: announcement, isTLS: isTLS)
        address = ServerAddress(scheme: isTLS ? .https : .http, host: "localhost", port: server.listener.port)
        home = other?.home ?? "\(FileManager.default.temporaryDirectory.path)/tpot-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        let authorities = home + "/ca.pem"
        try Data(TestCertificate.pem.utf8).write(to: URL(filePath: authorities))
        let lateness = NIOLockedValueBox<Int64>(0)
        self.lateness = lateness
        login = ServerLogin(
            server: address,
            settings: settings,
            web: LoginWeb(serverCAFile: authorities, proxies: ProxyEnvironment([:]), eventLoop: Tunnel.loop),
            tokens: TokenFile(home: home),
            wording: FailureText(server: address).text(of:),
            now: { TrafficClock.system.read().unixNanoseconds / 1_000_000 + lateness.withLockedValue { $0 } }
        )
        server.change { $0.accepts = { $0?.hasPrefix("Bearer access-") ?? false } }
    }

    deinit { try? FileManager.default.removeItem(atPath: home) }

    /// The sentence that the user reads.
    func text(_ error: any Error) -> String { FailureText(server: address).text(of: error) }

    /// How a client ends if its authorizer throws `error`.
    func refusal(_ error: LoginError) -> ConnectFailure { .notAuthorizedBy(AuthorizerFailure(error)) }

    var tokenPath: String { home + "/.tpot/tokens.json" }

    func tokens() throws -> LoginTokens? {
        let document = try login.tokens.read()
        return document.account(for: address).flatMap { document.tokens(of: $0) }
    }

    /// Makes the saved tokens `milliseconds` older.
    func later(by milliseconds: Int64) { lateness.withLockedValue { $0 += milliseconds } }

    func authorizer(
        _ credential: LoginAuthorizer.Credential = .login,
        hasPerson: Bool = true,
        fresh: LoginTokens? = nil,
        logger: Logger = Tunnel.quiet,
        pause: @escaping @Sendable (Duration) async throws -> Void = { _ in try await untilCancelled() }
    ) -> LoginAuthorizer {
        LoginAuthorizer(credential, login, hasPerson: hasPerson, fresh: fresh, logger: logger, pause: pause)
    }

    func client(
        _ authorizer: LoginAuthorizer,
        bus: TrafficBus = TrafficBus(),
        _ change: (inout TunnelClientConfiguration) -> Void = { _ in }
    ) async throws -> TunnelClient {
        try await Tunnel.makeClient(serverPort: address.port, target: "1", bus: bus) {
            $0.server = address
            $0.serverTrust = .roots(home + "/ca.pem")
            $0.authorizer = authorizer
            change(&$0)
        }
    }

    /// Runs a client until it is online or has given up.
    func outcome(
        _ authorizer: LoginAuthorizer,
        _ change: (inout TunnelClientConfiguration) -> Void = { _ in }
    ) async throws -> ConnectFailure? {
        let client = try await client(authorizer, change)
        client.start()
        defer { client.stop() }
        do {
            _ = try await client.firstURL.get()
            return nil
        } catch {
            return try await client.outcome.get()
        }
    }

    /// Logs in with a browser that does what `browse` says; by default the user agrees.
    @discardableResult
    func logIn(_ browse: (@Sendable (LoginInvitation, LoginPlace) async throws -> Void)? = nil) async throws
        -> LoginTokens
    {
        let (invited, invitations) = AsyncStream.makeStream(of: LoginInvitation.self)
        async let browsing: Void = {
            for await invitation in invited {
                try await (browse ?? { try await $1.agree($0) })(invitation, self)
                break
            }
        }()
        do {
            let granted = try await login.run { invitations.yield($0) }
            try await browsing
            return try #require(granted).tokens
        } catch {
            invitations.finish()
            try await browsing
            throw error
        }
    }

    /// The user agrees at the provider, and the browser comes back.
    @discardableResult
    func agree(_ invitation: LoginInvitation) async throws -> String {
        let (port, uri) = provider.consent(invitation.url)
        return try await visit(port, uri)
    }

    /// The page that the browser shows after a visit to the loopback.
    func visit(_ port: Int, _ uri: String) async throws -> String {
        let browser = try await RawPeer.connect(port: port)
        browser.send("GET \(uri) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\r\n")
        return try await browser.readToEnd().text
    }
}
