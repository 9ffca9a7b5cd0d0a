import TPoTTunnel
import TestSupport
import Testing

@testable import TPoTCommand
@testable import TPoTLogin

/// What the user reads when the server requires another credential than the one given.
@Suite(.timeLimit(.minutes(3))) struct CredentialTests {
    @Test(arguments: [
        (#"{"method":"static_key"}"#, "the server wants a key: give it with --auth-key-file"),
        (#"{"method":"none"}"#, "the server did not authorize us: Unauthorized (tests); check the key"),
        ("not json", "the server did not authorize us: Unauthorized (tests); check the key"),
        (nil, "the server did not authorize us: Unauthorized (tests); check the key"),
    ])
    func aMissingCredentialIsExplained(announcement: String?, text: String) async throws {
        let place = try await LoginPlace()
        place.server.change { $0.announcement = announcement }
        let failure = try #require(try await place.outcome(place.authorizer()))
        let said = place.text(failure).replacing(" \(place.address)", with: "")
        #expect(said.hasPrefix(text))
        #expect(ExitStatus(failure) == .notAuthorised)
    }

    @Test func aKeyDoesNotHelpIfALoginIsRequired() async throws {
        let place = try await LoginPlace()
        let failure = try await place.outcome(place.authorizer(.key)) { $0.authKey = Tunnel.key }
        let text = failure.map { place.text($0) } ?? ""
        #expect(text.contains("a key is of no use there"))
        #expect(text.contains("`tpot login -t \(place.address)`"))
    }

    @Test func aWrongKeyIsStillAWrongKey() async throws {
        let place = try await LoginPlace()
        place.server.change { $0.announcement = #"{"method":"static_key"}"# }
        let failure = try await place.outcome(place.authorizer(.key)) { $0.authKey = Tunnel.key }
        #expect(failure == .notAuthorized("Unauthorized (tests)"))
    }

    @Test func aTokenFromTheUserIsSentAtOnceWithoutALogin() async throws {
        let place = try await LoginPlace()
        place.server.change { $0.accepts = { $0 == "Bearer given" } }
        #expect(try await place.outcome(place.authorizer(.accessToken("given"))) == nil)
        #expect(place.server.requests == ["/create-tpot Bearer given"])
        let failure = try await place.outcome(place.authorizer(.accessToken("other")))
        #expect(failure.map { place.text($0).contains("does not accept the access token") } == true)
    }
}
