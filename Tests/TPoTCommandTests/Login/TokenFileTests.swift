import Testing

@testable import TPoTCommand
@testable import TPoTWire

@Suite struct TokenFileTests {
    let fixture: CommandFixture
    let server: ServerAddress
    let account = LoginAccount(issuer: "https://id.example/", clientID: "tpot", scopes: "openid")
    let tokens = LoginTokens(accessToken: "a", refreshToken: "r", expiresAt: 1_800_000_000_000)

    init() throws {
        fixture = try CommandFixture()
        server = try ServerAddress("https://tpot.example.com")
    }

    private var file: TokenFile { TokenFile(in: fixture.context) }

    @Test func aLoginIsKeptForTheUserAlone() async throws {
        try await file.change { $0.keep(tokens, of: account, for: server) }
        #expect(try fixture.mode(of: ".tpot") == 0o700)
        #expect(try fixture.mode(of: ".tpot/tokens.json") == 0o600)
        #expect(
            try fixture.text(of: ".tpot/tokens.json") == """
                {
                  "https://id.example/\\ntpot\\nopenid": {
                    "accessToken": "a",
                    "refreshToken": "r",
                    "expiresAt": 1800000000000
                  },
                  "servers": {
                    "https://tpot.example.com": "https://id.example/\\ntpot\\nopenid"
                  }
                }

                """
        )
        let document = try file.read()
        #expect(document.account(for: server) == account)
        #expect(document.account(for: try ServerAddress("https://tpot.example.com:443")) == account)
        #expect(document.tokens(of: account) == tokens)
    }

    @Test func whatOthersKeepThereStays() async throws {
        let foreign = #"{"https://x\nc\nopenid": {"accessToken": "x", "expiresAt": 1, "later": [1]}, "more": null}"#
        try fixture.write(foreign, to: ".tpot/tokens.json")
        try await file.change { $0.keep(tokens, of: account, for: server) }
        let object = try file.read().object
        #expect(object.members.map(\.name) == ["https://x\nc\nopenid", "more", account.key, "servers"])
        #expect(object["https://x\nc\nopenid"]?.formatted.contains("later") == true)
    }

    @Test func aTokenOfAnotherServerIsNotForThisOne() async throws {
        try await file.change { $0.keep(tokens, of: account, for: server) }
        let other = try ServerAddress("https://evil.example")
        #expect(try file.read().account(for: other) == nil)
        #expect(try file.read().account(for: try ServerAddress("http://tpot.example.com")) == nil)
    }

    @Test func logoutTakesOutWhatIsShared() async throws {
        let second = try ServerAddress("https://second.example.com")
        let third = try ServerAddress("https://third.example.com")
        let other = LoginAccount(issuer: "https://other.example", clientID: "c", scopes: "s")
        try await file.change { document in
            document.keep(tokens, of: account, for: server)
            document.keep(tokens, of: account, for: second)
            document.keep(tokens, of: other, for: third)
        }
        let concerned = try await file.change { $0.forget(second) }
        #expect(concerned == ["https://tpot.example.com", "https://second.example.com"])
        #expect(try file.read().tokens(of: account) == nil)
        #expect(try file.read().account(for: third) == other)
        #expect(try await file.change { $0.forget(server) } == [])
        #expect(try await file.change { $0.forget(third) } == ["https://third.example.com"])
        #expect(try fixture.text(of: ".tpot/tokens.json") == "{}\n")
    }

    @Test(arguments: ["{", "[]", "", "{\"a\": 1} x", "\u{0}"])
    func aCorruptFileIsNamedAndStays(text: String) async throws {
        try fixture.write(text, to: ".tpot/tokens.json")
        let error = await #expect(throws: CommandError.self) {
            try await file.change { $0.keep(tokens, of: account, for: server) }
        }
        #expect(error?.status == .badConfig)
        #expect(
            error?.message.hasPrefix("the token file \(fixture.folder)/.tpot/tokens.json is corrupt, line 1") == true
        )
        #expect(try fixture.text(of: ".tpot/tokens.json") == text)
    }

    @Test func withoutAHomeNothingIsKeptAndThatIsSaid() async throws {
        fixture.environment["HOME"] = ""
        let homeless = TokenFile(in: fixture.context)
        #expect(try homeless.read() == TokenDocument())
        let error = await #expect(throws: CommandError.self) { try await homeless.change { _ in } }
        #expect(error?.message.contains("HOME is not set") == true)
    }

    @Test func changesAtTheSameTimeDoNotLoseEachOther() async throws {
        let (file, tokens, server) = (file, tokens, server)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...8 {
                group.addTask {
                    let account = LoginAccount(issuer: "https://\(number)", clientID: "c", scopes: "s")
                    try await file.change { document in
                        await Task.yield()
                        document.keep(tokens, of: account, for: server)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try file.read().object.members.count == 9)
    }
}

@Suite struct LoginAccountTests {
    @Test func tokensOfAnotherAudienceAreKeptApart() {
        let plain = LoginAccount(issuer: "https://id.example", clientID: "c", scopes: "s")
        let first = LoginAccount(issuer: "https://id.example", clientID: "c", scopes: "s", audience: "a")
        let second = LoginAccount(issuer: "https://id.example", clientID: "c", scopes: "s", audience: "b")
        #expect(Set([plain.key, first.key, second.key]).count == 3)
        for account in [plain, first, second] { #expect(LoginAccount(key: account.key) == account) }
    }

    @Test(arguments: [Int64.min, .max]) func aTimeFromAFileCannotOverflow(expiresAt: Int64) {
        let tokens = LoginTokens(accessToken: "t", refreshToken: nil, expiresAt: expiresAt)
        #expect(tokens.isUsable(at: 1_800_000_000_000) == (expiresAt > 0))
        #expect(tokens.renewalDelay(at: 1_800_000_000_000) >= LoginTokens.shortestRenewal)
    }
}
