import FoundationEssentials
import Testing

@testable import TPoTCommand

@Suite struct ConfigTests {
    let workplace: Workplace

    init() throws {
        workplace = try Workplace()
    }

    @Test func writesWhatIsGiven() throws {
        let report = try workplace.config("config", "-t", "https://x.y", "-k", "0123456789abcdefghijWXYZ", "--no-ui")
        #expect(
            report.lines == [
                "Wrote \(workplace.configPath):",
                "  tpotServer  https://x.y",
                "  authKey     ********WXYZ (24 characters)",
                "  noUi        true",
            ]
        )
        #expect(
            try workplace.text(of: ".tpot/config.json") == """
                {
                  "tpotServer": "https://x.y",
                  "authKey": "0123456789abcdefghijWXYZ",
                  "noUi": true
                }

                """
        )
        #expect(try workplace.mode(of: ".tpot") == 0o700)
        #expect(try workplace.mode(of: ".tpot/config.json") == 0o600)
        #expect(try workplace.http("http", "8080").server?.description == "https://x.y")
    }

    @Test func mergesAndKeepsWhatItDoesNotKnow() throws {
        try workplace.writeConfig(
            #"{"later": {"a": [1e400, 12345678901234567890, "é\u0001"]}, "subdomain": "one", "local": true}"#,
            mode: 0o644
        )
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: workplace.folder + "/.tpot")
        _ = try workplace.config("-s", "two", "config", "-t", "x.y")
        #expect(
            try workplace.text(of: ".tpot/config.json") == """
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
        #expect(try workplace.mode(of: ".tpot") == 0o700)
        #expect(try workplace.mode(of: ".tpot/config.json") == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: workplace.folder + "/.tpot") == ["config.json"])
    }

    @Test func showsWhatIsThere() throws {
        #expect(try workplace.config("config").lines == ["No settings yet: there is no \(workplace.configPath)"])
        try workplace.writeConfig(#"{"authKey": "short", "else": 1, "debug": true}"#)
        #expect(
            try workplace.config("config").lines == [
                "Settings in \(workplace.configPath):",
                "  authKey  ******** (5 characters)",
                "  else     (kept; not a setting of tpot)",
                "  debug    true",
            ]
        )
    }

    @Test(arguments: [
        ("tpotServr", "; is \"tpotServer\" meant?"),
        ("auth-key", "; is \"authKey\" meant?"),
        ("NOUI", "; is \"noUi\" meant?"),
        ("subdomian", "; is \"subdomain\" meant?"),
        ("dbeug", "; is \"debug\" meant?"),
        ("server", " of tpot, and is ignored"),
        ("x", " of tpot, and is ignored"),
    ])
    func aNameThatIsNoSettingIsTold(name: String, remark: String) throws {
        try workplace.writeConfig("{\n  \"debug\": true,\n  \"later\": {\"debgu\": 1},\n\n  \"\(name)\": \"x\"\n}")
        let warnings = try workplace.http("http", "8080").warnings
        #expect(
            warnings == [
                "\(workplace.configPath), line 3: \"later\" is not a setting of tpot, and is ignored",
                "\(workplace.configPath), line 5: \"\(name)\" is not a setting\(remark)",
            ]
        )
        #expect(try workplace.config("config").warnings == warnings)
    }

    @Test func commentsInTheFileAreNoSettings() throws {
        try workplace.writeConfig(#"{"//": "mine", "$schema": "x", "_note": 1, "": 2, "debug": true}"#)
        #expect(try workplace.http("http", "8080").warnings.isEmpty)
    }

    @Test func takesSettingsOut() throws {
        try workplace.writeConfig(#"{"subdomain": "x", "else": 1, "debug": true}"#)
        _ = try workplace.config("config", "--unset", "subdomain", "--unset", "else")
        #expect(try workplace.text(of: ".tpot/config.json") == "{\n  \"debug\": true\n}\n")
        let error = failure { try workplace.config("config", "--unset", "sbdomain") }
        #expect(error?.status == .usage)
        #expect(error?.message.hasPrefix("--unset: \"sbdomain\" is not a setting; they are tpotServer, ") == true)
    }

    @Test func aKeyOnStandardInputIsKeptInTheFile() throws {
        try workplace.writeConfig(#"{"authKeyFile": "/old"}"#)
        workplace.standardInput = "typed key"
        _ = try workplace.config("config", "--auth-key-file", "-")
        #expect(try workplace.text(of: ".tpot/config.json") == "{\n  \"authKey\": \"typed key\"\n}\n")
    }

    @Test func filesAreKeptAsAbsolutePaths() throws {
        _ = try workplace.config("config", "--server-ca", "certificates/ca.pem")
        let text = try workplace.text(of: ".tpot/config.json")
        #expect(text == "{\n  \"serverCa\": \"\(workplace.folder)/certificates/ca.pem\"\n}\n")
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
    func aCorruptFileIsNamedAndLeftAlone(text: String, line: Int, reason: String) throws {
        try workplace.writeConfig(text)
        let expected = CommandError(
            .badConfig,
            "the config file \(workplace.configPath) is corrupt, line \(line): \(reason); mend it or move it away"
        )
        #expect(failure { try workplace.http("http", "8080") } == expected)
        #expect(failure { try workplace.config("config", "-d") } == expected)
        #expect(try workplace.text(of: ".tpot/config.json") == text)
    }

    @Test(arguments: [
        (#"{"debug": "maybe"}"#, #""debug" in PATH is "maybe"; write true or false"#),
        (#"{"debug": 2}"#, #""debug" in PATH is "2"; write true or false"#),
        (#"{"debug": []}"#, #""debug" in PATH is a list; write true or false"#),
        (#"{"subdomain": 5}"#, #""subdomain" in PATH is a number; write text in quotes"#),
        (#"{"tpotServer": "x/y"}"#, #""tpotServer" in PATH: server address "x/y": it has the path "/y""#),
        (#"{"logFormat": "xml"}"#, #""logFormat" in PATH: "xml" is not a log format; write text or json"#),
    ])
    func aWrongValueIsNamed(text: String, message: String) throws {
        try workplace.writeConfig(text)
        let error = failure { try workplace.http("http", "8080") }
        #expect(error?.status == .badConfig)
        let expected = message.split(separator: "PATH").joined(separator: workplace.configPath)
        #expect(error?.message.hasPrefix(expected) == true, "\(error?.message ?? "no error")")
    }

    @Test(arguments: ["true", "1", "\"true\"", "\"1\""])
    func booleans(text: String) throws {
        try workplace.writeConfig("\u{feff}{\"debug\": \(text), \"noUi\": null, \"subdomain\": \"\"}")
        let settings = try workplace.http("http", "8080")
        #expect(settings.display.debug)
        #expect(settings.display.showsDashboard)
        #expect(settings.subdomain == nil)
    }

    @Test func wrongOptionsAreNotWritten() {
        #expect(failure { try workplace.config("config", "-s", "no_name") }?.status == .usage)
        #expect(!FileManager.default.fileExists(atPath: workplace.configPath))
    }

    @Test func aKeyThatOthersCanReadIsAWarning() throws {
        try workplace.writeConfig(#"{"authKey": "x"}"#, mode: 0o644)
        let path = workplace.configPath
        let warnings = try workplace.http("http", "8080").warnings
        #expect(warnings == ["other users can read the key in \(path); run: chmod 600 \(path)"])
        try workplace.writeConfig(#"{"debug": true}"#, mode: 0o644)
        #expect(try workplace.http("http", "8080").warnings.isEmpty)
    }

    @Test func anotherFile() throws {
        try workplace.write(#"{"subdomain": "other"}"#, to: "other.json", mode: 0o644)
        #expect(try workplace.http("http", "8080", "--config", "other.json").subdomain?.name == "other")
        workplace.environment["TPOT_CONFIG"] = "other.json"
        #expect(try workplace.http("http", "8080").subdomain?.name == "other")
        let mode = try workplace.mode(of: ".")
        _ = try workplace.config("config", "-d")
        #expect(try workplace.mode(of: ".") == mode)
        #expect(try workplace.mode(of: "other.json") == 0o600)

        let missing = failure { try workplace.http("http", "8080", "--config", "missing.json") }
        let path = workplace.folder + "/missing.json"
        #expect(missing == CommandError(.badConfig, "there is no config file \(path); `tpot config` writes one"))
    }

    @Test func aLinkToTheFileIsKept() throws {
        try workplace.write("{}", to: "dotfiles/config.json")
        try FileManager.default.createDirectory(atPath: workplace.folder + "/.tpot", withIntermediateDirectories: true)
        let target = workplace.folder + "/dotfiles/config.json"
        try FileManager.default.createSymbolicLink(atPath: workplace.configPath, withDestinationPath: target)
        _ = try workplace.config("config", "-d")
        #expect(try workplace.text(of: "dotfiles/config.json") == "{\n  \"debug\": true\n}\n")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: workplace.configPath) == target)
    }

    @Test func whatCannotBeReadOrWrittenIsNamed() throws {
        try workplace.write("", to: ".tpot/config.json/in-the-way")
        let reading = failure { try workplace.http("http", "8080") }
        let path = workplace.configPath
        #expect(reading == CommandError(.badConfig, "cannot read the config file \(path): Is a directory"))
        let writing = failure { try workplace.config("config", "-d", "--config", "no/such/folder.json") }
        let other = workplace.folder + "/no/such/folder.json"
        #expect(
            writing == CommandError(.badConfig, "cannot write the config file \(other): No such file or directory")
        )
    }
}
