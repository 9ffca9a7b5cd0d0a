import Testing

@testable import TPoTCommand

@Suite struct LoginSettingsTests {
    let fixture: CommandFixture

    init() throws {
        fixture = try CommandFixture()
    }

    @Test func theOriginalsOptionsAndConfigFileWork() throws {
        try fixture.writeConfig(
            #"{"oidcIssuer": "https://id", "oidcClientId": "file", "oidcScopes": "a b", "oidcCallbackPort": 4242}"#
        )
        fixture.environment["TPOT_OIDC_CLIENT_ID"] = "environment"
        let login = try fixture.http("http", "8080", "--oidc-scopes", "openid c").login
        #expect(login.issuer == "https://id")
        #expect(login.clientID == "environment")
        #expect(login.scopes == "openid c")
        #expect(login.callbackPort == 4242)
        #expect(try fixture.http("http", "8080", "--oidc-callback-port", "7").login.callbackPort == 7)
    }

    @Test(arguments: [
        (["http", "8080", "--oidc-issuer", "http://id"], "--oidc-issuer: \"http://id\" is not an https address"),
        (["http", "8080", "--oidc-callback-port", "0"], "--oidc-callback-port: \"0\" is not a port"),
        (["http", "8080", "--oidc-callback-port", "+5"], "--oidc-callback-port: \"+5\" is not a port"),
        (["http", "8080", "--access-token", "a b"], "--access-token: a token has only ASCII characters"),
        (["http", "8080", "--access-token", "a", "-k", "b"], "--auth-key and --access-token contradict each other"),
        (["http", "8080", "--access-token", "a", "-t", "x.y"], "never sent over plain http: write https://x.y"),
    ])
    func usageErrors(arguments: [String], text: String) throws {
        let error = failure { try fixture.http(arguments) }
        #expect(error?.status == .usage)
        #expect(error?.message.contains(text) == true, "\(error?.message ?? "no error")")
    }

    @Test func aTokenComesFromAFileOrFromTheEnvironment() throws {
        try fixture.write("file-token\n", to: "token")
        #expect(try fixture.http("http", "8080", "--access-token-file", "token").accessToken == "file-token")
        fixture.standardInput = "typed"
        #expect(try fixture.http("http", "8080", "--access-token-file", "-").accessToken == "typed")
        // What the environment gives takes back the key of the config file.
        try fixture.writeConfig(#"{"authKey": "key", "tpotServer": "https://x.y"}"#)
        fixture.environment["TPOT_ACCESS_TOKEN"] = "environment-token"
        let settings = try fixture.http("http", "8080")
        #expect(settings.accessToken == "environment-token")
        #expect(settings.authKey == nil)
    }

    @Test func loginAndLogoutKnowTheirServerAndNothingElse() throws {
        fixture.environment["TPOT_SERVER"] = "https://tpot.example.com"
        let login = try fixture.login("login", "--oidc-client-id", "c")
        #expect(login.server.description == "https://tpot.example.com")
        #expect(login.login.clientID == "c")
        #expect(try fixture.logout("-t", "https://other", "logout").server.host == "other")
        #expect(
            failure { try fixture.login("login", "-s", "x") }?.message
                == "--subdomain is not an option of `tpot login`; see `tpot login --help`"
        )
        #expect(
            failure { try fixture.logout("logout", "--oidc-scopes", "x") }?.message
                == "--oidc-scopes is not an option of `tpot logout`; see `tpot logout --help`"
        )
        fixture.environment = [:]
        let error = failure { try fixture.login("login") }
        #expect(error == CommandError(.usage, "no server; name it with --tpot-server, TPOT_SERVER or tpot config"))
    }

    @Test func configWritesThePortAsANumberAndMasksTheToken() throws {
        let report = try fixture.config("config", "--oidc-callback-port", "0042", "--access-token", "short")
        #expect(report.lines.contains { $0.contains("oidcCallbackPort  42") })
        #expect(report.lines.contains { $0.contains("accessToken       ******** (5 characters)") })
        #expect(try fixture.text(of: ".tpot/config.json").contains(#""oidcCallbackPort": 42"#))
        fixture.standardInput = "typed"
        _ = try fixture.config("config", "--access-token-file", "-")
        #expect(try fixture.text(of: ".tpot/config.json").contains(#""accessToken": "typed""#))
        // A key takes the token's place.
        _ = try fixture.config("config", "-k", "key")
        #expect(try !fixture.text(of: ".tpot/config.json").contains("accessToken"))
    }

    @Test func aWrongPortInTheFileIsNamed() throws {
        try fixture.writeConfig(#"{"oidcCallbackPort": true}"#)
        let error = failure { try fixture.http("http", "8080") }
        #expect(error?.message == "\"oidcCallbackPort\" in \(fixture.configPath) is true or false; write a number")
    }
}
