import Testing

@testable import TPoTLogin
@testable import TPoTWire

@Suite struct LoginTokensTests {
    private let now: Int64 = 1_800_000_000_000

    private func read(_ json: String, keeping: String? = nil) throws -> LoginTokens? {
        guard case .object(let object) = try JSONParser.parse(json) else { return nil }
        return LoginTokens(answer: object, at: now, keeping: keeping)
    }

    @Test(arguments: [
        (#""expires_in":300"#, 300_000), (#""expires_in":"3599""#, 3_599_000), (#""expires_in":0.5"#, 500),
        (#""expires_in":-5"#, 0), (#""expires_in":null"#, 3_600_000), (#""x":1"#, 3_600_000),
        (#""expires_in":1e300"#, 315_360_000_000), (#""expires_in":"soon""#, 3_600_000),
    ])
    func theProviderDecidesTheLifetimeOfAToken(field: String, life: Int64) throws {
        let tokens = try #require(try read(#"{"access_token":"a",\#(field)}"#))
        #expect(tokens.expiresAt == now + life)
    }

    @Test(arguments: [
        #"{}"#, #"{"access_token":""}"#, #"{"access_token":1}"#, #"{"access_token":"a b"}"#,
        #"{"access_token":"a\r\nX: y"}"#, #"{"access_token":"é"}"#, #"{"access_token":"a","token_type":"DPoP"}"#,
    ])
    func unusableTokensAreRejected(json: String) throws {
        #expect(try read(json) == nil)
    }

    @Test func anOldRefreshTokenStaysUnlessANewOneComes() throws {
        #expect(try read(#"{"access_token":"a","token_type":"bearer"}"#, keeping: "old")?.refreshToken == "old")
        #expect(try read(#"{"access_token":"a","refresh_token":"new"}"#, keeping: "old")?.refreshToken == "new")
        #expect(try read(#"{"access_token":"a"}"#)?.refreshToken == nil)
    }

    @Test func aTokenIsUsedUntilAMinuteBeforeItsEndAndRenewedAMinuteEarlier() {
        let tokens = LoginTokens(accessToken: "a", refreshToken: nil, expiresAt: now)
        #expect(tokens.isUsable(at: now - 60_001))
        #expect(!tokens.isUsable(at: now - 60_000))
        #expect(!tokens.areDue(at: now - 120_001))
        #expect(tokens.areDue(at: now - 120_000))
        #expect(tokens.renewalDelay(at: now - 3_600_000) == 3_480_000)
        // A token that is due already is not renewed in a tight loop.
        #expect(tokens.renewalDelay(at: now) == 30_000)
    }

    @Test(arguments: [
        #"{"accessToken":"a","refreshToken":"r","expiresAt":1800000000000}"#,
        #"{"accessToken":"a","refreshToken":"r","expiresAt":1.8e12,"more":true}"#,
    ])
    func entriesOfTheOriginalClientAreRead(json: String) throws {
        let expected = LoginTokens(accessToken: "a", refreshToken: "r", expiresAt: 1_800_000_000_000)
        #expect(LoginTokens(try JSONParser.parse(json)) == expected)
        #expect(LoginTokens(expected.entry) == expected)
    }

    @Test(arguments: [
        "null", "1", "{}", #"{"accessToken":"a"}"#, #"{"accessToken":"a\n","expiresAt":1}"#,
        #"{"accessToken":"a","expiresAt":"1"}"#, #"{"accessToken":"a","expiresAt":1e99}"#,
    ])
    func malformedEntriesAreRejected(json: String) throws {
        #expect(LoginTokens(try JSONParser.parse(json)) == nil)
    }
}
