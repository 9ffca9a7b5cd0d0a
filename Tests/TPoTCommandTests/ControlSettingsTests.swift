import Testing

@testable import TPoTCommand

/// The options, settings and variables of the API.
@Suite struct ControlSettingsTests {
    let fixture: CommandFixture

    init() throws {
        fixture = try CommandFixture()
    }

    @Test func theAPIIsOffUnlessAskedFor() throws {
        #expect(try fixture.http("http", "8080").control == ControlSettings())
        #expect(try fixture.http("http", "8080", "--api").control.address == .loopback(4040...4049))
        #expect(try fixture.http("http", "8080", "--api-token", "x").control == ControlSettings())
        fixture.environment["TPOT_API"] = "true"
        #expect(try fixture.http("http", "8080").control.address == .loopback(4040...4049))
    }

    @Test(arguments: [
        ("127.0.0.1:4041", "127.0.0.1", 4041), ("[::1]:9", "::1", 9), ("localhost:80", "localhost", 80),
        ("5000", "127.0.0.1", 5000),
    ])
    func anAddressIsAHostAndAPort(text: String, host: String, port: Int) throws {
        #expect(
            try fixture.http("http", "8080", "--api-address", text).control.address == .fixed(host: host, port: port)
        )
    }

    @Test(arguments: [
        "", "x", ":4040", "127.0.0.1:", "127.0.0.1:70000", "::1:80", "[127.0.0.1]:80", "a b:80", "http://a:80",
    ])
    func anyOtherAddressIsAMistake(text: String) {
        #expect(failure { try fixture.http("http", "8080", "--api-address", text) }?.status == .usage, "\(text)")
        #expect(failure { try fixture.config("config", "--api-address", text) }?.status == .usage, "\(text)")
    }

    @Test func beyondTheLoopbackATokenIsNeeded() throws {
        for host in ["0.0.0.0", "192.168.1.5", "[::]", "example.com"] {
            let error = failure { try fixture.http("http", "8080", "--api-address", "\(host):4040") }
            #expect(error?.status == .usage && error?.message.contains("set a token with --api-token-file") == true)
            let control = try fixture.http("http", "8080", "--api-address", "\(host):4040", "--api-token", "t").control
            #expect(control.token == "t")
        }
    }

    @Test func theTokenIsASecretLikeOthers() throws {
        try fixture.write("from-file\n", to: "token")
        #expect(try fixture.http("http", "8080", "--api", "--api-token-file", "token").control.token == "from-file")
        fixture.environment["TPOT_API_TOKEN_FILE"] = "token"
        #expect(try fixture.http("http", "8080", "--api").control.token == "from-file")
        #expect(try fixture.http("http", "8080", "--api", "--api-token", "other").control.token == "other")
        fixture.environment = [:]
        #expect(failure { try fixture.http("http", "8080", "--api", "--api-token", "a b") }?.status == .usage)
        let report = try fixture.config("config", "--api-token", "a-token-of-thirty-characters-1")
        #expect(report.lines.contains { $0.hasSuffix("apiToken  ********rs-1 (30 characters)") }, "\(report.lines)")
        fixture.standardInput = "typed"
        _ = try fixture.config("config", "--api-token-file", "-")
        #expect(try fixture.http("http", "8080", "--api").control.token == "typed")
    }

    @Test func theDemoHasNoAPI() {
        #expect(failure { try fixture.demo("--api", "demo") } != nil)
    }
}
