import ArgumentParser
import TPoTHistory
import TPoTInspect
import Testing

@testable import TPoTCommand
@testable import TPoTWire

@Suite struct HTTPCommandTests {
    let fixture: CommandFixture

    init() throws {
        fixture = try CommandFixture()
    }

    @Test func aTargetAloneIsEnough() throws {
        let settings = try fixture.http("http", "8080")
        var expected = TunnelSettings(target: try TargetAddress("localhost:8080"))
        expected.display.capture.history = HistoryLimits()
        #expect(settings == expected)
        #expect(settings.server == nil)
        #expect(settings.hostRewrite.host(of: settings.target) == "localhost:8080")
    }

    @Test func optionsMayComeBeforeOrAfterTheSubcommand() throws {
        let before = try fixture.http("-t", "tpot.example.com", "-s", "name", "-d", "http", "localhost:8080")
        let after = try fixture.http("http", "localhost:8080", "-t", "tpot.example.com", "-s", "name", "-d")
        let between = try fixture.http("-d", "http", "-s", "name", "localhost:8080", "--tpot-server=tpot.example.com")
        #expect(before == after)
        #expect(before == between)
        #expect(before.server?.description == "http://tpot.example.com")
        #expect(before.subdomain?.name == "name")
        #expect(before.display.debug)
    }

    @Test(arguments: [
        (["4700"], "4700"), (["localhost:3000"], "localhost:3000"), (["-t", "x.y", "unix:/s", "-d"], "unix:/s"),
        (["stauts"], nil), (["htpt", "4700"], nil), (["http", "4700"], nil), ([], nil), (["--help"], nil),
        (["4700", "--no-such-option"], nil), (["70000"], nil),
    ])
    func aTargetWithoutACommandIsRecognised(arguments: [String], target: String?) {
        #expect(MissingCommand.target(in: arguments) == target)
    }

    @Test(arguments: [
        (["htpp", "8080"], "http"), (["htpp"], "http"), (["sever"], "server"), (["Login"], "login"),
        (["-t", "tpot.example.com", "htp", "8080"], "http"), (["-s", "htpp", "htpp", "8080"], "http"),
        (["http", "8080"], nil), (["-s", "htpp", "--no-such-option"], nil), (["status"], nil), ([], nil),
    ])
    func aMisspeltCommandIsRecognised(arguments: [String], command: String?) {
        #expect(MissingCommand.misspelling(in: arguments)?.command == command)
    }

    @Test func theLastOfTwoOptionsWins() throws {
        #expect(try fixture.http("-s", "one", "http", "8080", "-s", "two").subdomain?.name == "two")
        #expect(try fixture.http("-s", "one", "http", "8080").subdomain?.name == "one")
        #expect(try fixture.http("http", "8080", "-s", "one", "-s", "two").subdomain?.name == "two")
    }

    @Test func aValueMayBeJoinedToAShortOption() throws {
        let settings = try fixture.http("-ttpot.example.com", "-sname", "http", "8080", "-hexample.com", "-kkey")
        #expect(settings.server?.host == "tpot.example.com")
        #expect(settings.subdomain?.name == "name")
        #expect(settings.hostRewrite == .value("example.com"))
        #expect(settings.authKey == "key")
    }

    @Test(arguments: ["-n", "-nh", "--no-host-rewrite"])
    func theHostCanBeKept(flag: String) throws {
        #expect(try fixture.http(flag, "http", "8080").hostRewrite == .off)
        #expect(try fixture.http("http", "8080", flag).hostRewrite == .off)
        #expect(try fixture.http("http", flag, "8080", "-d").display.debug)
    }

    @Test func hMeansHostAndNotHelp() throws {
        #expect(try fixture.http("http", "8080", "-h", "example.com:81").hostRewrite == .value("example.com:81"))
        let missing = failure { try fixture.http("http", "8080", "-h") }
        #expect(missing?.message.contains("Missing value for '-h'") == true)
    }

    @Test func flagsAreTaken() throws {
        try fixture.write("", to: "ca.pem")
        let settings = try fixture.http(
            "http",
            "https://localhost:8443",
            "--forwarded-headers",
            "--no-ui",
            "--log-format",
            "json",
            "--insecure-target",
            "--server-ca",
            "ca.pem",
            "--no-reconnect",
            "--wait",
            "--local"
        )
        #expect(settings.addsForwardedHeaders)
        #expect(!settings.display.showsDashboard)
        #expect(settings.display.logFormat == .json)
        #expect(settings.trustsAnyTarget)
        #expect(settings.serverCAFile == fixture.folder + "/ca.pem")
        #expect(!settings.reconnects)
        #expect(settings.waitsForServer)
        #expect(settings.server == nil)
    }

    @Test func moreHeadersCanBeMasked() throws {
        let expected = SecretMask(fieldNames: ["x-internal", "x-b"])
        try fixture.writeConfig(#"{"maskHeaders": ["X-Internal", "X-B"]}"#)
        #expect(try fixture.http("http", "8080").display.capture.mask == expected)
        try fixture.writeConfig(#"{"maskHeaders": "X-Internal, X-B"}"#)
        #expect(try fixture.http("http", "8080").display.capture.mask == expected)
        #expect(try fixture.http("http", "8080", "--export-secrets").display.capture.mask == .off)
        fixture.environment["TPOT_MASK_HEADERS"] = "X-C"
        #expect(try fixture.http("http", "8080").display.capture.mask == SecretMask(fieldNames: ["X-C"]))
        fixture.environment = [:]
        #expect(
            failure { try fixture.http("http", "8080", "--mask-headers", "X-A, X B") }
                == CommandError(
                    .usage,
                    #"--mask-headers: "X B" is not a header name; write names such as X-Internal, separated by commas"#
                )
        )
        try fixture.writeConfig(#"{"maskHeaders": [1]}"#)
        #expect(failure { try fixture.http("http", "8080") }?.status == .badConfig)
    }

    @Test func maskedHeadersAreStoredInTheConfigFile() throws {
        let report = try fixture.config("config", "--mask-headers", "X-A, X-B")
        #expect(report.lines.last == "  maskHeaders  X-A, X-B")
        #expect(try fixture.text(of: ".tpot/config.json").contains("\"X-A\""))
        #expect(
            try fixture.http("http", "8080").display.capture.mask == SecretMask(fieldNames: ["x-a", "x-b"])
        )
    }

    @Test func captureOptions() throws {
        let plain = try fixture.http("http", "8080").display.capture
        #expect(plain.mask == SecretMask() && !plain.holdsAtStart)
        let capture = try fixture.http(
            "http",
            "8080",
            "--hold",
            "--export-secrets",
            "--capture-body",
            "64KiB",
            "--capture-memory",
            "1 MiB"
        ).display.capture
        #expect(capture.mask == .off && capture.holdsAtStart)
        #expect(capture.limits.bodyBytes == 65_536 && capture.limits.memoryBytes == 1_048_576)
        #expect(try fixture.http("http", "8080", "--no-capture-bodies").display.capture.limits.bodyBytes == 0)
        #expect(failure { try fixture.http("http", "8080", "--capture-body", "much") } != nil)
    }

    @Test(arguments: [
        (["-n", "http", "8080", "-h", "x"], "--http-host and --no-host-rewrite contradict each other"),
        (["http", "8080", "-k", "x", "--auth-key-file", "-"], "--auth-key and --auth-key-file contradict each other"),
        (["--local", "http", "8080", "-t", "x"], "--tpot-server and --local contradict each other"),
        (["http", "8080", "--insecure-target", "--target-ca", "x"], "--insecure-target and --target-ca contradict"),
        (["http", "8080", "-s", "_x"], "--subdomain: \"_x\" is not a subdomain"),
        (["http", "8080", "-s", ""], "--subdomain is empty"),
        (["http", "8080", "-t", "ws://x"], "--tpot-server: server address \"ws://x\""),
        (["http", "8080", "-h", "a\r\nX: y"], "--http-host: \"a\\r\\nX: y\" cannot be a Host header"),
        (["http", "localhost/x"], "target address \"localhost/x\""),
        (["--domain", "x", "http", "8080"], "--domain is not an option of `tpot http`"),
        (["http", "8080", "--log-format", "xml"], "The value 'xml' is invalid for '--log-format"),
        (["http"], "Missing expected argument '<target>'"),
        (["http", "8080", "9090"], "Unexpected argument '9090'"),
    ])
    func usageErrors(arguments: [String], text: String) throws {
        let error = failure { try fixture.http(arguments) }
        #expect(error?.status == .usage)
        #expect(error?.message.contains(text) == true, "\(error?.message ?? "no error")")
    }

    @Test func aMissingCertificateIsReported() {
        let error = failure { try fixture.http("http", "https://localhost", "--target-ca", "nowhere.pem") }
        let path = fixture.folder + "/nowhere.pem"
        #expect(error == CommandError(.badConfig, "--target-ca: cannot read \(path): No such file or directory"))
    }

    /// The options about trust apply to exported curl commands, too.
    @Test func curlTrustsWhatTheTunnelTrusts() throws {
        try fixture.write("", to: "ca.pem")
        let address = try TargetAddress("https://localhost:1")
        for (options, trust) in [
            ([], CurlTarget.Trust.system), (["--insecure-target"], .anything),
            (["--target-ca", "ca.pem"], .authorities("\(fixture.folder)/ca.pem")),
        ] {
            let settings = try fixture.http(["http", "https://localhost:1"] + options)
            let configuration = try HTTPCommandRunner.configuration(settings, try ServerAddress("a.example"), [:])
            #expect(CurlTarget(configuration) == CurlTarget(address, trust: trust))
        }
    }

    @Test func exitCodesReachTheProcess() async throws {
        #expect(ExitStatus.allCases.map(\.rawValue) == [0, 1, 64, 65, 69, 74, 75, 76, 77])
        let command = try #require(try Tpot.parseAsRoot(["http", "8080/x"]) as? HTTPCommand)
        await #expect(throws: ExitCode(64)) { try await command.run() }
        do {
            _ = try Tpot.parseAsRoot(["http", "8080", "--what"])
            Issue.record("an unknown option was taken")
        } catch {
            #expect(Tpot.exitCode(for: error).rawValue == 64)
        }
    }
}
