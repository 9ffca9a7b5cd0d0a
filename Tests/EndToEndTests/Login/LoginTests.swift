import FoundationEssentials
import TPoTTunnel
import TestSupport
import Testing

@testable import TPoTCommand
@testable import TPoTLogin
@testable import TPoTSystem
@testable import TPoTWire

/// From the first start without a login to an open tunnel.
@Suite(.timeLimit(.minutes(3))) struct LoginTests {
    @Test func noLoginStartsIfItCannotBeKept() async throws {
        let place = try await LoginPlace()
        // A file takes the place of the folder, because no permissions would stop root from writing.
        #expect(FileManager.default.createFile(atPath: place.home + "/.tpot", contents: nil))
        let failure = await #expect(throws: TokenFileError.self) {
            try await place.logIn { _, _ in Issue.record("the browser was opened") }
        }
        #expect(failure.map { place.text($0).hasPrefix("cannot write the token file \(place.tokenPath): ") } == true)
    }

    @Test func aPersonLogsInAndTheTunnelOpens() async throws {
        let place = try await LoginPlace()
        #expect(try await place.outcome(place.authorizer()) == place.refusal(.loginNeeded))
        let tokens = try await place.logIn()
        #expect(try await place.outcome(place.authorizer(hasPerson: false, fresh: tokens)) == nil)
        #expect(
            place.server.requests
                == ["/create-tpot", "/tpot-auth", "/tpot-auth", "/create-tpot Bearer \(tokens.accessToken)"]
        )
        #expect(try place.tokens() == tokens)
    }

    @Test func theNextStartSendsTheSavedTokenAtOnce() async throws {
        let place = try await LoginPlace()
        let tokens = try await place.logIn()
        place.server.change { $0.requests = [] }
        place.provider.change { $0.grants = [] }
        #expect(try await place.outcome(place.authorizer()) == nil)
        #expect(place.server.requests == ["/create-tpot Bearer \(tokens.accessToken)"])
        #expect(place.provider.state.withLockedValue { $0.grants } == [])
    }

    @Test func anOpenServerIsUsedWithoutALogin() async throws {
        let place = try await LoginPlace()
        place.server.change { $0.accepts = { $0 == nil } }
        #expect(try await place.outcome(place.authorizer()) == nil)
        #expect(place.server.requests == ["/create-tpot"])
    }

    @Test func withoutAPersonTheClientFailsWithTheRemedy() async throws {
        let place = try await LoginPlace()
        let failure = try await place.outcome(place.authorizer(hasPerson: false))
        #expect(failure == place.refusal(.loginWanted))
        let text = failure.map { place.text($0) } ?? ""
        #expect(text.contains("`tpot login -t \(place.address)`"))
        #expect(text.contains("TPOT_ACCESS_TOKEN"))
        #expect(failure.map { ExitStatus($0) } == .notAuthorised)
    }

    @Test func aRefusedFreshTokenEndsTheAttempt() async throws {
        let place = try await LoginPlace()
        place.server.change { $0.accepts = { _ in false } }
        let tokens = try await place.logIn()
        place.server.change { $0.requests = [] }
        let failure = try await place.outcome(place.authorizer(hasPerson: true, fresh: tokens))
        let issuer = place.provider.issuer
        #expect(failure == place.refusal(.grantedTokenRefused(issuer: issuer, "Unauthorized (tests)")))
        #expect(place.server.requests == ["/create-tpot Bearer \(tokens.accessToken)", "/tpot-auth"])
    }

    @Test func aTokenIsNeverSentOverPlainHTTP() async throws {
        let place = try await LoginPlace(isTLS: false)
        // Not even a token that was written into the file by hand.
        let account = LoginAccount(issuer: place.provider.issuer, clientID: "tpot", scopes: "openid tunnel")
        let tokens = LoginTokens(accessToken: "access-0", refreshToken: "r", expiresAt: .max / 2)
        try await place.login.tokens.change { $0.keep(tokens, of: account, for: place.address) }
        let failure = try await place.outcome(place.authorizer())
        #expect(failure.map { place.text($0).contains("write https://localhost:\(place.address.port)") } == true)
        await #expect(throws: LoginError.plainHTTP) { try await place.logIn() }
        #expect(place.server.requests == ["/create-tpot", "/tpot-auth", "/tpot-auth"])
    }

    /// Otherwise any server could collect the tokens of another by announcing the same provider and client.
    @Test func aTokenGoesOnlyToTheServerThatItIsFor() async throws {
        let place = try await LoginPlace()
        try await place.logIn()
        let curious = try await LoginPlace(home: place)
        #expect(try await curious.outcome(curious.authorizer()) == curious.refusal(.loginNeeded))
        #expect(curious.server.requests == ["/create-tpot", "/tpot-auth"])
    }

    @Test func aServerThatChangesItsProviderGetsNoTokenOfTheOldOne() async throws {
        let place = try await LoginPlace()
        try await place.logIn()
        place.server.change { state in
            state.accepts = { _ in false }
            state.announcement = #"{"method":"oidc","oidcIssuer":"https://new.example","oidcClientId":"tpot"}"#
            state.requests = []
        }
        place.provider.change { $0.grants = [] }
        #expect(try await place.outcome(place.authorizer()) == place.refusal(.loginNeeded))
        #expect(place.server.requests == ["/create-tpot Bearer access-1", "/tpot-auth"])
        #expect(place.provider.state.withLockedValue { $0.grants } == [])
    }

    @Test func aCorruptTokenFileIsReportedAndKept() async throws {
        let place = try await LoginPlace()
        try await place.logIn()
        try FileSystem.replace(place.tokenPath, with: "{ not json")
        let failure = try await place.outcome(place.authorizer())
        #expect(failure.map { place.text($0).contains("\(place.tokenPath) is corrupt, line 1") } == true)
        #expect(try FileSystem.text(of: place.tokenPath, limit: 100) == "{ not json")
    }

    @Test func theUsersSettingsOverrideTheServers() async throws {
        var settings = LoginSettings()
        settings.clientID = "mine"
        settings.scopes = "openid mine"
        let place = try await LoginPlace(settings: settings)
        try await place.logIn { invitation, place in
            #expect(invitation.url.contains("client_id=mine&"))
            #expect(invitation.url.contains("scope=openid%20mine&"))
            try await place.agree(invitation)
        }
        #expect(try await place.outcome(place.authorizer()) == nil)
    }

    @Test func withoutAnAnnouncedClientTheUserMustNameOne() async throws {
        let place = try await LoginPlace()
        place.server.change { $0.announcement = #"{"method":"oidc","oidcIssuer":"https://id.example"}"# }
        let failure = try await place.outcome(place.authorizer())
        #expect(failure.map { place.text($0).contains("--oidc-client-id") } == true)
    }
}
