import TPoTTunnel
import Testing

@testable import TPoTCommand
@testable import TPoTWire

@Suite struct ServerCommandTests {
    let fixture: CommandFixture
    private let key = "0123456789abcdef0123456789abcdef"

    init() throws {
        fixture = try CommandFixture()
    }

    @Test func optionsAloneAreEnough() throws {
        let domains = "TPoT.example.com., b.example,b.example"
        let settings = try fixture.server(
            "server",
            "--domain",
            domains,
            "--port",
            "8080",
            "--bind",
            "[::1]",
            "-k",
            key
        )
        #expect(
            settings
                == ServerSettings(domains: ["tpot.example.com", "b.example"], bind: "::1", port: 8080, authKey: key)
        )
        #expect(try fixture.server("--domain", "a.b", "-d", "server").debug)
    }

    @Test func defaults() throws {
        let settings = try fixture.server("server", "--domain", "localhost")
        #expect(settings == ServerSettings(domains: ["localhost"], bind: "0.0.0.0", port: 3000, authKey: nil))
    }

    @Test func optionsOverrideTheEnvironmentWhichOverridesDotEnv() throws {
        try fixture.write("DOMAIN=file.example\nPORT=1\nAUTH_KEY=\(key)\nBIND=127.0.0.1\n", to: ".env")
        let fromFile = try fixture.server("server")
        #expect(
            fromFile == ServerSettings(domains: ["file.example"], bind: "127.0.0.1", port: 1, authKey: key)
        )
        fixture.environment = ["DOMAIN": "environment.example", "PORT": "2", "AUTH_KEY": ""]
        let settings = try fixture.server("server", "--port", "3")
        #expect(settings.domains == ["environment.example"])
        #expect(settings.port == 3)
        #expect(settings.authKey == nil)
    }

    @Test func trustedProxies() throws {
        let expected = try TrustedProxies("10.0.0.0/8,::1,192.0.2.1")
        let options = ["server", "--domain", "a.b", "--trust-proxy", "10.0.0.0/8, ::1", "--trust-proxy", "192.0.2.1"]
        #expect(try fixture.server(options).trustedProxies == expected)
        #expect(
            try fixture.server(["--trust-proxy", "10.0.0.0/8,::1,192.0.2.1", "server", "--domain", "a.b"])
                .trustedProxies == expected
        )
        try fixture.write("DOMAIN=a.b\nTRUST_PROXY=10.0.0.0/8, ::1,192.0.2.1\n", to: ".env")
        #expect(try fixture.server("server").trustedProxies == expected)
        fixture.environment["TRUST_PROXY"] = "127.0.0.1"
        #expect(try fixture.server("server").trustedProxies == TrustedProxies("127.0.0.1"))
        fixture.environment["TRUST_PROXY"] = ""
        #expect(try fixture.server("server").trustedProxies == .none)
        fixture.environment["TRUST_PROXY"] = "nginx"
        let error = failure { try fixture.server("server") }
        #expect(error?.status == .usage)
        #expect(error?.message.hasPrefix("TRUST_PROXY: \"nginx\" is neither an address nor a network") == true)
    }

    @Test func limits() throws {
        fixture.environment = ["DOMAIN": "a.b"]
        let usual = try fixture.server("server")
        #expect(usual.maximumTunnels == 100)
        #expect(
            ["www", "admin", "localhost", "wpad"].allSatisfy { name in
                Subdomain(name).map(usual.reservedNames.contains) ?? false
            }
        )
        let given = try fixture.server("server", "--max-tunnels", "7", "--reserved-names", "Shop, b-2")
        #expect(given.maximumTunnels == 7)
        #expect(given.reservedNames == Set(["shop", "b-2"].compactMap { Subdomain($0) }))
        for none in ["", "none"] {
            #expect(try fixture.server("server", "--reserved-names", none).reservedNames.isEmpty)
        }
        try fixture.write("MAX_TUNNELS=8\nRESERVED_NAMES=x,y\n", to: ".env")
        let fromFile = try fixture.server("server")
        #expect(fromFile.maximumTunnels == 8)
        #expect(fromFile.reservedNames.count == 2)
        fixture.environment["MAX_TUNNELS"] = "9"
        fixture.environment["RESERVED_NAMES"] = "none"
        let fromEnvironment = try fixture.server("server")
        #expect(fromEnvironment.maximumTunnels == 9)
        #expect(fromEnvironment.reservedNames.isEmpty)
    }

    @Test func aKeyIsReadFromAFile() throws {
        try fixture.write(key + "\n", to: "key")
        fixture.environment = ["DOMAIN": "a.b", "AUTH_KEY_FILE": "key"]
        #expect(try fixture.server("server").authKey == key)
        try fixture.write("AUTH_KEY=too short", to: ".env")
        #expect(try fixture.server("server").authKey == key)
        let option = try fixture.server("server", "-k", "another key of at least 32 characters")
        #expect(option.authKey == "another key of at least 32 characters")
        fixture.environment["AUTH_KEY"] = key
        let error = failure { try fixture.server("server") }
        #expect(error == CommandError(.usage, "AUTH_KEY: it contradicts AUTH_KEY_FILE; leave one out"))
    }

    @Test func aTooShortKeyInAFileIsRefused() throws {
        try fixture.write("too short", to: "key")
        let error = failure { try fixture.server("server", "--domain", "a.b", "--auth-key-file", "key") }
        let reason = "the key has 9 characters; a server's key needs at least 32"
        #expect(error == CommandError(.badConfig, "--auth-key-file: \(reason)"))
        fixture.environment = ["AUTH_KEY_FILE": "key"]
        #expect(
            failure { try fixture.server("server", "--domain", "a.b") }
                == CommandError(.badConfig, "AUTH_KEY_FILE: \(reason)")
        )
    }

    @Test func theClientsKeyVariableIsIgnored() throws {
        fixture.environment = ["TPOT_AUTH_KEY": "x", "TPOT_LOG_FORMAT": "json"]
        let settings = try fixture.server("server", "--domain", "a.b")
        #expect(settings.authKey == nil)
        #expect(settings.logFormat == .json)
    }

    @Test(arguments: [
        (["server"], "no domain; give the server's base domain with --domain"),
        (["server", "--domain", ""], "--domain: \"\" is not a domain"),
        (["server", "--domain", "a.b,"], "--domain: \"\" is not a domain"),
        (["server", "--domain", "https://a.b"], "--domain: \"https://a.b\" is not a domain"),
        (["server", "--domain", "a.b:80"], "--domain: \"a.b:80\" is not a domain"),
        (["server", "--domain", "a.b", "--port", "65536"], "--port: \"65536\" is not a port"),
        (["server", "--domain", "a.b", "--port", "http"], "--port: \"http\" is not a port"),
        (["server", "--domain", "a.b", "--bind", "1.2.3.4:80"], "--bind: \"1.2.3.4:80\" is not an address"),
        (["server", "--domain", "a.b", "--trust-proxy", ""], "--trust-proxy: \"\" is neither an address nor a"),
        (["server", "--domain", "a.b", "--trust-proxy", "::1/129"], "--trust-proxy: \"::1/129\" is not a network"),
        (["server", "--domain", "a.b", "--max-tunnels", "0"], "--max-tunnels: \"0\" is not a number of tunnels"),
        (["server", "--domain", "a.b", "--max-tunnels", "1e3"], "--max-tunnels: \"1e3\" is not a number of tunnels"),
        (["server", "--domain", "a.b", "--max-tunnels", ""], "--max-tunnels: \"\" is not a number of tunnels"),
        (
            ["server", "--domain", "a.b", "--max-tunnels", "99999999999999999999"],
            "--max-tunnels: \"99999999999999999999\" is not"
        ),
        (["server", "--domain", "a.b", "--reserved-names", "a,,b"], "--reserved-names: \"\" is not a tunnel name"),
        (["server", "--domain", "a.b", "--reserved-names", "a_b"], "--reserved-names: \"a_b\" is not a tunnel name"),
        (["server", "--domain", "a.b", "--reserved-names", "a.b"], "--reserved-names: \"a.b\" is not a tunnel name"),
        (
            ["server", "--domain", "a.b", "-k", "short"],
            "--auth-key: the key has 5 characters; a server's key needs at"
        ),
        (["-t", "x", "server", "--domain", "a.b"], "--tpot-server is not an option of `tpot server`"),
        (["--no-ui", "server", "--domain", "a.b"], "--no-ui is not an option of `tpot server`"),
    ])
    func usageErrors(arguments: [String], text: String) throws {
        let command = try #require(try Tpot.parseAsRoot(arguments) as? ServerCommand)
        let error = failure { try command.settings(in: fixture.context) }
        #expect(error?.status == .usage)
        #expect(error?.message.hasPrefix(text) == true, "\(error?.message ?? "no error")")
    }

    @Test(arguments: [
        ("DOMAIN=a.b\nPORT=0x50", "PORT in PATH: \"0x50\" is not a port"),
        ("DOMAIN=a.b\nAUTH_KEY=short", "AUTH_KEY in PATH: the key has 5 characters"),
        ("DOMAIN=a.b\n\nAUTH_KEY: secret", "cannot read PATH: line 3 is not NAME=value"),
        ("DOMAIN=a.b\nMAX_TUNNELS=many", "MAX_TUNNELS in PATH: \"many\" is not a number of tunnels"),
        ("DOMAIN=a.b\nTRUST_PROXY=10.0.0.0/33", "TRUST_PROXY in PATH: \"10.0.0.0/33\" is not a network"),
        ("DOMAIN=a.b\nRESERVED_NAMES=a b", "RESERVED_NAMES in PATH: \"a b\" is not a tunnel name"),
        ("DOMAIN='a.b\n", "cannot read PATH: line 1 is not NAME=value"),
    ])
    func invalidDotEnvFilesAreReported(text: String, message: String) throws {
        try fixture.write(text, to: ".env")
        let error = failure { try fixture.server("server") }
        #expect(error?.status == .badConfig)
        let expected = message.split(separator: "PATH").joined(separator: fixture.folder + "/.env")
        #expect(error?.message.hasPrefix(expected) == true, "\(error?.message ?? "no error")")
    }

    @Test(arguments: [
        ("A=b", "b"),
        ("A = b c  ", "b c"),
        ("export A=b", "b"),
        ("export=x\nA=b", "b"),
        ("\u{feff}A=b\r\n", "b"),
        ("# A=x\n  A=b # comment", "b"),
        ("A=b#c", "b#c"),
        ("A=#c", ""),
        ("A=", ""),
        ("A='b # c' # d", "b # c"),
        (#"A='b\n'"#, #"b\n"#),
        (#"A="b\n\"c\" \\ \d""#, "b\n\"c\" \\ \\d"),
        ("A=\"b\nc\"", "b\nc"),
        ("A=`b 'c'`", "b 'c'"),
        ("A=x\nA=b", "b"),
        ("A=b=c==", "b=c=="),
        ("A=it's", "it's"),
    ])
    func dotEnvSyntax(text: String, value: String) throws {
        #expect(try DotEnv.parse(text)["A"] == value)
    }
}
