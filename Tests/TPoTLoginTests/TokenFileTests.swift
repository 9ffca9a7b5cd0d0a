import TestSupport
import Testing

@testable import TPoTLogin
@testable import TPoTWire

@Suite struct TokenFileTests {
    let home: TemporaryFolder
    let server: ServerAddress
    let account = LoginAccount(issuer: "https://id.example/", clientID: "tpot", scopes: "openid")
    let tokens = LoginTokens(accessToken: "a", refreshToken: "r", expiresAt: 1_800_000_000_000)

    init() throws {
        home = try TemporaryFolder()
        server = try ServerAddress("https://tpot.example.com")
    }

    private var file: TokenFile { TokenFile(home: home.path) }

    @Test func aLoginIsKeptForTheUserAlone() async throws {
        try await file.change { $0.keep(tokens, of: account, for: server) }
        #expect(try home.mode(of: ".tpot") == 0o700)
        #expect(try home.mode(of: ".tpot/tokens.json") == 0o600)
        #expect(
            try home.text(of: ".tpot/tokens.json") == """
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

    @Test func unknownMembersAreKept() async throws {
        let foreign = #"{"https://x\nc\nopenid": {"accessToken": "x", "expiresAt": 1, "later": [1]}, "more": null}"#
        try home.write(foreign, to: ".tpot/tokens.json")
        try await file.change { $0.keep(tokens, of: account, for: server) }
        let object = try file.read().object
        #expect(object.members.map(\.name) == ["https://x\nc\nopenid", "more", account.key, "servers"])
        #expect(object["https://x\nc\nopenid"]?.formatted.contains("later") == true)
    }

    @Test func aTokenOfAnotherServerIsNotUsed() async throws {
        try await file.change { $0.keep(tokens, of: account, for: server) }
        let other = try ServerAddress("https://evil.example")
        #expect(try file.read().account(for: other) == nil)
        #expect(try file.read().account(for: try ServerAddress("http://tpot.example.com")) == nil)
    }

    @Test func aLogoutRemovesASharedLogin() async throws {
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
        #expect(try home.text(of: ".tpot/tokens.json") == "{}\n")
    }

    @Test(arguments: ["{", "[]", "", "{\"a\": 1} x", "\u{0}"])
    func aCorruptFileIsReportedAndKept(text: String) async throws {
        try home.write(text, to: ".tpot/tokens.json")
        let error = await #expect(throws: TokenFileError.self) {
            try await file.change { $0.keep(tokens, of: account, for: server) }
        }
        guard case .corrupt("\(home.path)/.tpot/tokens.json", let place) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(place.line == 1)
        #expect(try home.text(of: ".tpot/tokens.json") == text)
    }

    @Test func withoutAHomeFolderAChangeFails() async throws {
        let homeless = TokenFile(home: nil)
        #expect(try homeless.read() == TokenDocument())
        await #expect(throws: TokenFileError.noHome) { try await homeless.change { _ in } }
    }

    @Test func concurrentChangesAreAllKept() async throws {
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
