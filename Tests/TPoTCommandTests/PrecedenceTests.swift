import Testing

@testable import TPoTCommand
@testable import TPoTWire

@Suite struct PrecedenceTests {
    let fixture: CommandFixture

    init() throws {
        fixture = try CommandFixture()
    }

    @Test func optionsOverrideTheEnvironmentWhichOverridesTheFile() throws {
        try fixture.writeConfig(#"{"tpotServer": "file.example.com", "subdomain": "file", "debug": true}"#)
        #expect(try fixture.http("http", "8080").subdomain?.name == "file")
        fixture.environment = ["TPOT_SUBDOMAIN": "environment", "TPOT_DEBUG": "0"]
        let settings = try fixture.http("http", "8080")
        #expect(settings.subdomain?.name == "environment")
        #expect(settings.server?.host == "file.example.com")
        #expect(!settings.display.debug)
        #expect(try fixture.http("-s", "option", "http", "8080").subdomain?.name == "option")
    }

    @Test func everySettingHasANameEverywhere() {
        #expect(Setting.tpotServer.environmentName == "TPOT_SERVER")
        #expect(Setting.authKeyFile.environmentName == "TPOT_AUTH_KEY_FILE")
        #expect(Setting.noHostRewrite.environmentName == "TPOT_NO_HOST_REWRITE")
        #expect(Setting.noUi.optionName == "--no-ui")
        let help = Tpot.helpMessage(for: HTTPCommand.self)
        for setting in Setting.allCases { #expect(help.contains(setting.optionName)) }
    }

    @Test(arguments: [("true", true), ("1", true), ("TRUE", true), ("false", false), ("0", false), ("", false)])
    func booleansInTheEnvironment(text: String, expected: Bool) throws {
        fixture.environment["TPOT_NO_UI"] = text
        #expect(try fixture.http("http", "8080").display.showsDashboard == !expected)
    }

    @Test func anInvalidBooleanIsReported() {
        fixture.environment["TPOT_NO_UI"] = "maybe"
        let error = failure { try fixture.http("http", "8080") }
        #expect(error == CommandError(.usage, #"TPOT_NO_UI is "maybe"; write true, false, 1 or 0"#))
    }

    @Test func aLaterLayerRemovesWhatContradictsIt() throws {
        try fixture.writeConfig(
            #"{"tpotServer": "x", "noHostRewrite": true, "authKeyFile": "gone", "insecureTarget": true}"#
        )
        try fixture.write("", to: "ca.pem")
        let settings = try fixture.http(
            "http",
            "8080",
            "--local",
            "-h",
            "example.com",
            "-k",
            "key",
            "--target-ca",
            "ca.pem"
        )
        #expect(settings.server == nil)
        #expect(settings.hostRewrite == .value("example.com"))
        #expect(settings.authKey == "key")
        #expect(!settings.trustsAnyTarget)
        #expect(settings.targetCAFile != nil)

        try fixture.writeConfig(#"{"local": true, "httpHost": "example.com"}"#)
        #expect(try fixture.http("http", "8080", "-t", "y").server?.host == "y")
        #expect(try fixture.http("http", "8080", "-n").hostRewrite == .off)
        fixture.environment["TPOT_NO_HOST_REWRITE"] = "false"
        #expect(try fixture.http("http", "8080").hostRewrite == .value("example.com"))
    }

    @Test func contradictionsWithinALayerAreErrors() throws {
        fixture.environment = ["TPOT_AUTH_KEY": "a", "TPOT_AUTH_KEY_FILE": "b"]
        #expect(failure { try fixture.http("http", "8080") }?.status == .usage)
        fixture.environment = [:]
        try fixture.writeConfig(#"{"authKey": "a", "authKeyFile": "b"}"#)
        let error = failure { try fixture.http("http", "8080") }
        #expect(error?.status == .badConfig)
        #expect(error?.message.hasPrefix("\"authKey\" in \(fixture.configPath) and") == true)
    }

    @Test func aKeyIsReadFromAFile() throws {
        try fixture.write("the key\r\n", to: "key")
        #expect(try fixture.http("http", "8080", "--auth-key-file", "key").authKey == "the key")
        try fixture.write("from the config's folder\n", to: ".tpot/key")
        try fixture.writeConfig(#"{"authKeyFile": "key"}"#)
        #expect(try fixture.http("http", "8080").authKey == "from the config's folder")
        fixture.environment["TPOT_AUTH_KEY_FILE"] = "~/key"
        #expect(try fixture.http("http", "8080").authKey == "the key")
    }

    /// What editors and people leave in a file, and cannot see.
    @Test(arguments: [
        "\u{feff}the key", "\u{feff}the key\r\n\r\n", "  the key\t\n", "\n \nthe key\n \n",
        "\u{a0}the key\u{feff}\u{2003}\n",
    ])
    func invisibleCharactersAroundAKeyAreRemoved(text: String) throws {
        try fixture.write(text, to: "key")
        #expect(try fixture.http("http", "8080", "--auth-key-file", "key").authKey == "the key")
        fixture.standardInput = text.contains("\n") ? "  the key " : text
        #expect(try fixture.http("http", "8080", "--auth-key-file", "-").authKey == "the key")
        let long = String(repeating: "k", count: 32)
        try fixture.write(text.replacing("the key", with: long), to: "key")
        #expect(try fixture.server("server", "--domain", "a.b", "--auth-key-file", "key").authKey == long)
        try fixture.write(text.replacing("the key", with: "a.token"), to: "token")
        let settings = try fixture.http("http", "8080", "-t", "https://a.b", "--access-token-file", "token")
        #expect(settings.accessToken == "a.token")
    }

    @Test func aKeyIsReadFromStandardInput() throws {
        fixture.standardInput = "typed"
        #expect(try fixture.http("--auth-key-file", "-", "http", "8080").authKey == "typed")
    }

    @Test(arguments: [
        ("\u{feff} \n", "it is empty; the key must be alone on one line"),
        ("", "it is empty; the key must be alone on one line"),
        ("a\nb\n", "it has 2 lines; the key must be alone on one line"),
        ("a\u{1b}b\n", "the key contains a control character"),
        (String(repeating: "a", count: 5000), "it is longer than 4096 bytes"),
    ])
    func unusableKeyFilesAreReported(text: String, reason: String) throws {
        try fixture.write(text, to: "key")
        let error = failure { try fixture.http("http", "8080", "--auth-key-file", "key") }
        #expect(error?.status == .badConfig)
        #expect(error?.message.hasPrefix("--auth-key-file: ") == true)
        #expect(error?.message.hasSuffix(reason) == true, "\(error?.message ?? "no error")")
    }

    @Test func theDemoTakesOnlyDisplaySettings() throws {
        fixture.environment = ["TPOT_NO_UI": "1", "TPOT_SERVER": "x", "TPOT_LOCAL": "1"]
        let settings = try fixture.demo("demo", "-d")
        #expect(!settings.showsDashboard)
        #expect(settings.debug)
        let error = failure { try fixture.demo("-t", "x", "demo") }
        #expect(error?.message == "--tpot-server is not an option of `tpot demo`; see `tpot demo --help`")
    }

    @Test(arguments: [
        ("TPOT_AUTHKEY", "TPOT_AUTH_KEY"), ("TPOT_SEVER", "TPOT_SERVER"), ("TPOT_SUBDOMIAN", "TPOT_SUBDOMAIN"),
        ("TPOT_CONFIGS", "TPOT_CONFIG"), ("TPOT_PORT", nil), ("TPOT_SERVICE_HOST", nil),
        ("TPOT_PORT_3000_TCP_ADDR", nil), ("AUTHKEY", nil), ("TPOT_HOST", nil),
    ])
    func aMisspeltVariableCausesAWarning(name: String, meant: String?) throws {
        fixture.environment[name] = "x"
        let warnings = try fixture.http("http", "8080").warnings
        #expect(warnings == (meant.map { ["\(name) is not a setting; did you mean \($0)?"] } ?? []))
    }
}
