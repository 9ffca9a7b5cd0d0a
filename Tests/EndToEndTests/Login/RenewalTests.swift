import Glibc
import Logging
import NIOConcurrencyHelpers
import TPoTNetwork
import TPoTTraffic
import TPoTTunnel
import TestSupport
import Testing

@testable import TPoTCommand
@testable import TPoTLogin

/// How a login is renewed, and how it ends.
@Suite(.timeLimit(.minutes(3))) struct RenewalTests {
    private let hour: Int64 = 3_600_000

    @Test func anExpiredTokenIsRenewedBeforeTheServerIsAsked() async throws {
        let place = try await LoginPlace()
        try await place.logIn()
        place.server.change { $0.requests = [] }
        place.later(by: 2 * hour)
        #expect(try await place.outcome(place.authorizer(hasPerson: false)) == nil)
        #expect(place.server.requests == ["/create-tpot Bearer access-2"])
        #expect(try place.tokens()?.refreshToken == "refresh-2")
    }

    @Test func aTokenThatTheServerRefusesIsRenewedOnce() async throws {
        let place = try await LoginPlace()
        try await place.logIn()
        place.server.change { state in
            state.accepts = { $0 == "Bearer access-2" }
            state.requests = []
        }
        #expect(try await place.outcome(place.authorizer(hasPerson: false)) == nil)
        #expect(
            place.server.requests == ["/create-tpot Bearer access-1", "/tpot-auth", "/create-tpot Bearer access-2"]
        )
    }

    @Test func aServerThatRefusesAllTokensNeedsAPerson() async throws {
        let place = try await LoginPlace()
        try await place.logIn()
        place.server.change { state in
            state.accepts = { _ in false }
            state.requests = []
        }
        #expect(try await place.outcome(place.authorizer()) == place.refusal(.loginNeeded))
        #expect(
            place.server.requests
                == ["/create-tpot Bearer access-1", "/tpot-auth", "/create-tpot Bearer access-2", "/tpot-auth"]
        )
    }

    @Test func aRefreshTokenStaysIfNoNewOneComes() async throws {
        let place = try await LoginPlace()
        place.provider.change { $0.givesNewRefreshTokens = false }
        try await place.logIn()
        for _ in 1...2 {
            place.later(by: 2 * hour)
            #expect(try await place.outcome(place.authorizer(hasPerson: false)) == nil)
        }
        #expect(try place.tokens()?.accessToken == "access-3")
        #expect(try place.tokens()?.refreshToken == "refresh-1")
    }

    @Test func aRefreshTokenThatIsRefusedMeansANewLogin() async throws {
        let place = try await LoginPlace()
        try await place.logIn()
        place.provider.change { $0.takesRefreshTokens = false }
        place.later(by: 2 * hour)
        #expect(try await place.outcome(place.authorizer()) == place.refusal(.loginNeeded))
        let tokens = try await place.logIn()
        #expect(try await place.outcome(place.authorizer(hasPerson: false, fresh: tokens)) == nil)
    }

    @Test func anUnreachableProviderNeedsNoNewLogin() async throws {
        let place = try await LoginPlace()
        try await place.logIn()
        place.later(by: 2 * hour)
        try await place.provider.stop()
        let failure = try await place.outcome(place.authorizer())
        let provider = "https://localhost:\(place.provider.listener.port)"
        #expect(
            failure == place.refusal(.notConnected(.unreachable(.provider(provider), .system(errno: ECONNREFUSED))))
        )
    }

    /// A refresh token often works only once: the second process uses the tokens that the first one received.
    @Test func twoProcessesRenewOnce() async throws {
        let place = try await LoginPlace()
        try await place.logIn()
        place.later(by: 2 * hour)
        async let first = place.authorizer().authorization()
        async let second = place.authorizer().authorization()
        #expect(try await [first, second] == ["Bearer access-2", "Bearer access-2"])
        #expect(place.provider.state.withLockedValue { $0.grants } == ["authorization_code", "refresh_token"])
    }

    /// The login is removed after it was read and before it is renewed: the renewal must not bring it back.
    @Test func aRenewalDoesNotUndoALogout() async throws {
        let place = try await LoginPlace()
        try await place.logIn()
        place.later(by: 2 * hour)
        var login = place.login
        let (now, path) = (login.now, place.tokenPath)
        login.now = {
            unlink(path)
            return now()
        }
        let authorizer = LoginAuthorizer(.login, login, hasPerson: false, logger: Tunnel.quiet)
        #expect(try await authorizer.authorization() == nil)
        #expect(try place.tokens() == nil)
        #expect(place.provider.state.withLockedValue { $0.grants } == ["authorization_code"])
    }

    /// A provider may be slow. A logout meanwhile waits for the renewal, and then removes the login.
    @Test func aLogoutDuringARenewalWins() async throws {
        let place = try await LoginPlace()
        try await place.logIn()
        place.later(by: 2 * hour)
        let (asked, answer) = place.provider.holdTokens()
        let renewal = Task { try await place.authorizer(hasPerson: false).authorization() }
        for await _ in asked { break }
        var impatient = place.login.tokens
        impatient.patience = .zero
        let failure = await #expect(throws: TokenFileError.self) {
            try await impatient.change { $0.forget(place.address) }
        }
        #expect(failure.map { place.text($0).contains("another tpot has been using the folder") } == true)
        let logout = Task { try await place.login.tokens.change { $0.forget(place.address) } }
        answer()
        #expect(try await renewal.value == "Bearer access-2")
        #expect(try await logout.value == ["https://localhost:\(place.address.port)"])
        #expect(try place.tokens() == nil)
    }

    @Test func theLoginIsRenewedWhileTheTunnelIsUp() async throws {
        let place = try await LoginPlace()
        try await place.logIn()
        let (pauses, paused) = AsyncStream.makeStream(of: Duration.self)
        let count = NIOLockedValueBox(0)
        let authorizer = place.authorizer { duration in
            paused.yield(duration)
            // The first pause ends when the token is about to expire; the second never ends.
            let isFirst = count.withLockedValue { count in
                count += 1
                return count == 1
            }
            guard isFirst else { return try await untilCancelled() }
            place.later(by: 3_600_000 - 90_000)
        }
        let client = try await place.client(authorizer)
        client.start()
        _ = try await client.firstURL.get()
        var durations: [Duration] = []
        for await duration in pauses {
            durations.append(duration)
            if durations.count == 2 { break }
        }
        #expect(try place.tokens()?.accessToken == "access-2")
        #expect(durations.allSatisfy { (.seconds(3400)...(.seconds(3480))).contains($0) })
        client.stop()
    }

    /// Hours later no person may be there. The client says what to do, keeps trying, and finds the tokens that `tpot
    /// login` has saved.
    @Test func anEndedLoginIsReportedAndANewOneRestoresTheTunnel() async throws {
        let place = try await LoginPlace()
        try await place.logIn()
        let bus = TrafficBus()
        let events = TunnelEvents(bus)
        let warnings = NIOLockedValueBox<[String]>([])
        let logger = Logger(label: "test") { _ in CollectingLog(lines: warnings) }
        let client = try await place.client(place.authorizer(hasPerson: true, logger: logger), bus: bus)
        client.start()
        _ = try await client.firstURL.get()
        place.provider.change { $0.takesRefreshTokens = false }
        place.later(by: 2 * hour)
        place.server.dropTunnels()
        for _ in 1...2 {
            try await events.wait { status in
                guard case .reconnecting(_, _, let reason) = status else { return false }
                return reason == "run `tpot login -t \(place.address)`: the server wants a new login"
            }
        }
        #expect(warnings.withLockedValue { $0.count } == 1)
        // The refused refresh token was sent only once.
        #expect(place.provider.state.withLockedValue { $0.grants } == ["authorization_code", "refresh_token"])
        try await place.logIn()
        try await events.wait { if case .online = $0 { true } else { false } }
        client.stop()
    }
}

private struct CollectingLog: LogHandler {
    let lines: NIOLockedValueBox<[String]>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.warning

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.withLockedValue { $0.append("\(event.message)") } }
}
