import Testing

@testable import TPoTCommand

@Suite struct LoginSettingsTests {
    let workplace: Workplace

    init() throws {
        workplace = try Workplace()
    }

    @Test func theOriginalsOptionsAndConfigFileWork() throws {
        try workplace.writeConfig(
            #"{"oidcIssuer": "https://id", "oidcClientId": "file", "oidcScopes": "a b", "oidcCallbackPort": 4242}"#
        )
        workplace.environment["TPOT_OIDC_CLIENT_ID"] = "environment"
        let login = try workplace.http("http", "8080", "--oidc-scopes", "openid c").login
        #expect(login.issuer == "https://id")
        #expect(login.clientID == "environment")
        #expect(login.scopes == "openid c")
        #expect(login.callbackPort == 4242)
        #expect(try workplace.http("http", "8080", "--oidc-callback-port", "7").login.callbackPort == 7)
    }

    @Test(arguments: [
        (["http", "8080", "--oidc-issuer", "http://id"], "--oidc-issuer: \"http://id\" is no https address"),
        (["http", "8080", "--oidc-callback-port", "0"], "--oidc-callback-port: \"0\" is not a port"),
        (["http", "8080", "--oidc-callback-port", "+5"], "--oidc-callback-port: \"+5\" is not a port"),
        (["http", "8080", "--access-token", "a b"], "--access-token: a token holds no blanks"),
        (["http", "8080", "--access-token", "a", "-k", "b"], "--auth-key and --access-token contradict each other"),
        (["http", "8080", "--access-token", "a", "-t", "x.y"], "never sent over plain http: write https://x.y"),
    ])
    func usageErrors(arguments: [String], text: String) throws {
        let error = failure { try workplace.http(arguments) }
        #expect(error?.status == .usage)
        #expect(error?.message.contains(text) == true, "\(error?.message ?? "no error")")
    }

    @Test func aTokenComesFromAFileOrFromTheEnvironment() throws {
        try workplace.write("file-token\n", to: "token")
        #expect(try workplace.http("http", "8080", "--access-token-file", "token").accessToken == "file-token")
        workplace.standardInput = "typed"
        #expect(try workplace.http("http", "8080", "--access-token-file", "-").accessToken == "typed")
        // What the environment gives takes back the key of the config file.
        try workplace.writeConfig(#"{"authKey": "key", "tpotServer": "https://x.y"}"#)
        workplace.environment["TPOT_ACCESS_TOKEN"] = "environment-token"
        let settings = try workplace.http("http", "8080")
        #expect(settings.accessToken == "environment-token")
        #expect(settings.authKey == nil)
    }

    @Test func loginAndLogoutKnowTheirServerAndNothingElse() throws {
        workplace.environment["TPOT_SERVER"] = "https://tpot.example.com"
        let login = try workplace.login("login", "--oidc-client-id", "c")
        #expect(login.server.description == "https://tpot.example.com")
        #expect(login.login.clientID == "c")
        #expect(try workplace.logout("-t", "https://other", "logout").server.host == "other")
        #expect(
            failure { try workplace.login("login", "-s", "x") }?.message
                == "--subdomain is not an option of `tpot login`; see `tpot login --help`"
        )
        #expect(
            failure { try workplace.logout("logout", "--oidc-scopes", "x") }?.message
                == "--oidc-scopes is not an option of `tpot logout`; see `tpot logout --help`"
        )
        workplace.environment = [:]
        let error = failure { try workplace.login("login") }
        #expect(error == CommandError(.usage, "no server; name it with --tpot-server, TPOT_SERVER or tpot config"))
    }

    @Test func configWritesThePortAsANumberAndMasksTheToken() throws {
        let report = try workplace.config("config", "--oidc-callback-port", "0042", "--access-token", "short")
        #expect(report.lines.contains { $0.contains("oidcCallbackPort  42") })
        #expect(report.lines.contains { $0.contains("accessToken       ******** (5 characters)") })
        #expect(try workplace.text(of: ".tpot/config.json").contains(#""oidcCallbackPort": 42"#))
        workplace.standardInput = "typed"
        _ = try workplace.config("config", "--access-token-file", "-")
        #expect(try workplace.text(of: ".tpot/config.json").contains(#""accessToken": "typed""#))
        // A key takes the token's place.
        _ = try workplace.config("config", "-k", "key")
        #expect(try !workplace.text(of: ".tpot/config.json").contains("accessToken"))
    }

    @Test func aWrongPortInTheFileIsNamed() throws {
        try workplace.writeConfig(#"{"oidcCallbackPort": true}"#)
        let error = failure { try workplace.http("http", "8080") }
        #expect(error?.message == "\"oidcCallbackPort\" in \(workplace.configPath) is true or false; write a number")
    }
}
