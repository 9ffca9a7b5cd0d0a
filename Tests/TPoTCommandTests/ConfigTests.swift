import FoundationEssentials
import Testing

@testable import TPoTCommand

@Suite struct ConfigTests {
    let fixture: CommandFixture

    init() throws {
        fixture = try CommandFixture()
    }

    @Test func writesTheGivenOptions() throws {
        let report = try fixture.config("config", "-t", "https://x.y", "-k", "0123456789abcdefghijWXYZ", "--no-ui")
        #expect(
            report.lines == [
                "Wrote \(fixture.configPath):",
                "  tpotServer  https://x.y",
                "  authKey     ********WXYZ (24 characters)",
                "  noUi        true",
            ]
        )
        #expect(
            try fixture.text(of: ".tpot/config.json") == """
                {
                  "tpotServer": "https://x.y",
                  "authKey": "0123456789abcdefghijWXYZ",
                  "noUi": true
                }

                """
        )
        #expect(try fixture.mode(of: ".tpot") == 0o700)
        #expect(try fixture.mode(of: ".tpot/config.json") == 0o600)
        #expect(try fixture.http("http", "8080").server?.description == "https://x.y")
    }

    @Test func mergesSettingsAndKeepsUnknownMembers() throws {
        try fixture.writeConfig(
            #"{"later": {"a": [1e400, 12345678901234567890, "é\u0001"]}, "subdomain": "one", "local": true}"#,
            mode: 0o644
        )
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: fixture.folder + "/.tpot")
        _ = try fixture.config("-s", "two", "config", "-t", "x.y")
        #expect(
            try fixture.text(of: ".tpot/config.json") == """
                {
                  "later": {
                    "a": [
                      1e400,
                      12345678901234567890,
                      "é\\u0001"
                    ]
                  },
                  "subdomain": "two",
                  "tpotServer": "x.y"
                }

                """
        )
        #expect(try fixture.mode(of: ".tpot") == 0o700)
        #expect(try fixture.mode(of: ".tpot/config.json") == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.folder + "/.tpot") == ["config.json"])
    }

    @Test func showsTheSettings() throws {
        #expect(try fixture.config("config").lines == ["No settings yet: there is no \(fixture.configPath)"])
        try fixture.writeConfig(#"{"authKey": "short", "else": 1, "debug": true}"#)
        #expect(
            try fixture.config("config").lines == [
                "Settings in \(fixture.configPath):",
                "  authKey  ******** (5 characters)",
                "  else     (kept; not a setting of tpot)",
                "  debug    true",
            ]
        )
    }

    @Test(arguments: [
        ("tpotServr", "; did you mean \"tpotServer\"?"),
        ("auth-key", "; did you mean \"authKey\"?"),
        ("NOUI", "; did you mean \"noUi\"?"),
        ("subdomian", "; did you mean \"subdomain\"?"),
        ("dbeug", "; did you mean \"debug\"?"),
        ("server", " of tpot, and is ignored"),
        ("x", " of tpot, and is ignored"),
    ])
    func anUnknownNameCausesAWarning(name: String, remark: String) throws {
        try fixture.writeConfig("{\n  \"debug\": true,\n  \"later\": {\"debgu\": 1},\n\n  \"\(name)\": \"x\"\n}")
        let warnings = try fixture.http("http", "8080").warnings
        #expect(
            warnings == [
                "\(fixture.configPath), line 3: \"later\" is not a setting of tpot, and is ignored",
                "\(fixture.configPath), line 5: \"\(name)\" is not a setting\(remark)",
            ]
        )
        #expect(try fixture.config("config").warnings == warnings)
    }

    @Test func commentsInTheFileCauseNoWarning() throws {
        try fixture.writeConfig(#"{"//": "mine", "$schema": "x", "_note": 1, "": 2, "debug": true}"#)
        #expect(try fixture.http("http", "8080").warnings.isEmpty)
    }

    @Test func removesSettings() throws {
        try fixture.writeConfig(#"{"subdomain": "x", "else": 1, "debug": true}"#)
        _ = try fixture.config("config", "--unset", "subdomain", "--unset", "else")
        #expect(try fixture.text(of: ".tpot/config.json") == "{\n  \"debug\": true\n}\n")
        let error = failure { try fixture.config("config", "--unset", "sbdomain") }
        #expect(error?.status == .usage)
        #expect(
            error?.message.hasPrefix("--unset: \"sbdomain\" is not a setting; the settings are tpotServer, ") == true
        )
    }

    @Test func aKeyFromStandardInputIsStored() throws {
        try fixture.writeConfig(#"{"authKeyFile": "/old"}"#)
        fixture.standardInput = "typed key"
        _ = try fixture.config("config", "--auth-key-file", "-")
        #expect(try fixture.text(of: ".tpot/config.json") == "{\n  \"authKey\": \"typed key\"\n}\n")
    }

    @Test func pathsAreStoredAsAbsolutePaths() throws {
        _ = try fixture.config("config", "--server-ca", "certificates/ca.pem")
        let text = try fixture.text(of: ".tpot/config.json")
        #expect(text == "{\n  \"serverCa\": \"\(fixture.folder)/certificates/ca.pem\"\n}\n")
    }

    @Test(arguments: [
        ("{\n  \"a\": 1,\n  \"b\" 2\n}", 3, "a colon is expected after \"b\", not \"2\""),
        ("{\"a\": 1,}", 1, "a name in quotes is expected, not \"}\""),
        ("{\n\n\"a\": tru}", 3, "a value is expected, not \"t\""),
        ("{\"a\": \"x\ny\"}", 1, "a string contains \"\\n\"; write it as an escape, or close the quotes"),
        ("{\"a\": 1", 1, "a comma or } is expected, not the end of the file"),
        ("{} x", 1, "there is more text after the end: \"x\""),
        ("[]", 1, "it is not an object, { … }"),
        ("", 1, "a value is expected, not the end of the file"),
        ("{\"a\": \"\\u12\"}", 1, "four hexadecimal digits are expected after \\u"),
        (String(repeating: "[", count: 100), 1, "it is nested deeper than 64 levels"),
    ])
    func aCorruptFileIsReportedAndNotChanged(text: String, line: Int, reason: String) throws {
        try fixture.writeConfig(text)
        let expected = CommandError(
            .badConfig,
            "the config file \(fixture.configPath) is corrupt, line \(line): \(reason); fix it or move it away"
        )
        #expect(failure { try fixture.http("http", "8080") } == expected)
        #expect(failure { try fixture.config("config", "-d") } == expected)
        #expect(try fixture.text(of: ".tpot/config.json") == text)
    }

    @Test(arguments: [
        (#"{"debug": "maybe"}"#, #""debug" in PATH is "maybe"; write true or false"#),
        (#"{"debug": 2}"#, #""debug" in PATH is "2"; write true or false"#),
        (#"{"debug": []}"#, #""debug" in PATH is a list; write true or false"#),
        (#"{"subdomain": 5}"#, #""subdomain" in PATH is a number; write text in quotes"#),
        (#"{"tpotServer": "x/y"}"#, #""tpotServer" in PATH: server address "x/y": it has the path "/y""#),
        (#"{"logFormat": "xml"}"#, #""logFormat" in PATH: "xml" is not a log format; write text or json"#),
    ])
    func aWrongValueIsReported(text: String, message: String) throws {
        try fixture.writeConfig(text)
        let error = failure { try fixture.http("http", "8080") }
        #expect(error?.status == .badConfig)
        let expected = message.split(separator: "PATH").joined(separator: fixture.configPath)
        #expect(error?.message.hasPrefix(expected) == true, "\(error?.message ?? "no error")")
    }

    @Test(arguments: ["true", "1", "\"true\"", "\"1\""])
    func booleansHaveSeveralSpellings(text: String) throws {
        try fixture.writeConfig("\u{feff}{\"debug\": \(text), \"noUi\": null, \"subdomain\": \"\"}")
        let settings = try fixture.http("http", "8080")
        #expect(settings.display.debug)
        #expect(settings.display.showsDashboard)
        #expect(settings.subdomain == nil)
    }

    @Test func invalidOptionsAreNotWritten() {
        #expect(failure { try fixture.config("config", "-s", "no_name") }?.status == .usage)
        #expect(!FileManager.default.fileExists(atPath: fixture.configPath))
    }

    @Test func aKeyThatOthersCanReadCausesAWarning() throws {
        try fixture.writeConfig(#"{"authKey": "x"}"#, mode: 0o644)
        let path = fixture.configPath
        let warnings = try fixture.http("http", "8080").warnings
        #expect(warnings == ["other users can read the key in \(path); run: chmod 600 \(path)"])
        try fixture.writeConfig(#"{"debug": true}"#, mode: 0o644)
        #expect(try fixture.http("http", "8080").warnings.isEmpty)
    }

    @Test func anotherConfigFileCanBeUsed() throws {
        try fixture.write(#"{"subdomain": "other"}"#, to: "other.json", mode: 0o644)
        #expect(try fixture.http("http", "8080", "--config", "other.json").subdomain?.name == "other")
        fixture.environment["TPOT_CONFIG"] = "other.json"
        #expect(try fixture.http("http", "8080").subdomain?.name == "other")
        let mode = try fixture.mode(of: ".")
        _ = try fixture.config("config", "-d")
        #expect(try fixture.mode(of: ".") == mode)
        #expect(try fixture.mode(of: "other.json") == 0o600)

        let missing = failure { try fixture.http("http", "8080", "--config", "missing.json") }
        let path = fixture.folder + "/missing.json"
        #expect(missing == CommandError(.badConfig, "there is no config file \(path); `tpot config` writes one"))
    }

    @Test func aSymbolicLinkToTheFileIsKept() throws {
        try fixture.write("{}", to: "dotfiles/config.json")
        try FileManager.default.createDirectory(atPath: fixture.folder + "/.tpot", withIntermediateDirectories: true)
        let target = fixture.folder + "/dotfiles/config.json"
        try FileManager.default.createSymbolicLink(atPath: fixture.configPath, withDestinationPath: target)
        _ = try fixture.config("config", "-d")
        #expect(try fixture.text(of: "dotfiles/config.json") == "{\n  \"debug\": true\n}\n")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: fixture.configPath) == target)
    }

    @Test func unreadableAndUnwritableFilesAreReported() throws {
        try fixture.write("", to: ".tpot/config.json/in-the-way")
        let reading = failure { try fixture.http("http", "8080") }
        let path = fixture.configPath
        #expect(reading == CommandError(.badConfig, "cannot read the config file \(path): Is a directory"))
        let writing = failure { try fixture.config("config", "-d", "--config", "no/such/folder.json") }
        let other = fixture.folder + "/no/such/folder.json"
        #expect(
            writing == CommandError(.badConfig, "cannot write the config file \(other): No such file or directory")
        )
    }
}
