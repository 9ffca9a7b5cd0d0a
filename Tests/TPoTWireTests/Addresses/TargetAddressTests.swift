import Testing

@testable import TPoTWire

@Suite struct TargetAddressTests {
    @Test(arguments: [
        ("8080", false, "localhost", 8080, "localhost:8080"),
        ("localhost:8080", false, "localhost", 8080, "localhost:8080"),
        ("localhost", false, "localhost", 80, "localhost"),
        ("http://127.0.0.1:8080", false, "127.0.0.1", 8080, "127.0.0.1:8080"),
        ("http://127.0.0.1:8080/", false, "127.0.0.1", 8080, "127.0.0.1:8080"),
        ("https://localhost:8443", true, "localhost", 8443, "localhost:8443"),
        ("https://localhost", true, "localhost", 443, "localhost"),
        ("[::1]:8080", false, "::1", 8080, "[::1]:8080"),
        ("my-app_1.Local:80", false, "my-app_1.Local", 80, "my-app_1.Local:80"),
        ("db.internal.:5000", false, "db.internal", 5000, "db.internal.:5000"),
    ])
    func validAddressesAreParsed(text: String, isTLS: Bool, host: String, port: Int, hostHeader: String) throws {
        let address = try TargetAddress(text)
        #expect(address.isTLS == isTLS)
        #expect(address.endpoint == .host(host, port))
        #expect(address.hostHeader == hostHeader)
    }

    @Test(arguments: ["unix:/run/app.sock", "unix:///run/app.sock", "UNIX:/run/app.sock"])
    func socketPathsAreParsed(text: String) throws {
        let address = try TargetAddress(text)
        #expect(address.endpoint == .unixSocket("/run/app.sock"))
        #expect(address.hostHeader == "localhost")
        #expect(address.description == "unix:/run/app.sock")
        #expect(!address.isTLS)
        #expect(address.tlsServerName == nil)
    }

    @Test func anIPAddressHasNoTLSServerName() throws {
        #expect(try TargetAddress("https://localhost:8443").tlsServerName == "localhost")
        #expect(try TargetAddress("https://127.0.0.1:8443").tlsServerName == nil)
        #expect(try TargetAddress("https://[::1]:8443").tlsServerName == nil)
    }

    @Test(arguments: [
        ("", AddressError.Problem.empty),
        ("0", .port("0")),
        ("65536", .port("65536")),
        ("99999999999999999999", .port("99999999999999999999")),
        ("localhost:8080/api", .path("/api")),
        ("localhost:8080?x", .query),
        ("ws://localhost:8080", .scheme("ws")),
        ("http://me@localhost", .userInfo),
        (":8080", .missingHost),
        ("http:localhost", .port("localhost")),
        ("unix:", .socketPath("")),
        ("::1", .unbracketedIPv6("::1")),
    ])
    func invalidAddressesAreRefused(text: String, problem: AddressError.Problem) {
        #expect(throws: AddressError(problem, in: text, role: .target)) { try TargetAddress(text) }
    }

    @Test func socketPathsThatDoNotFitAreRefused() throws {
        let fitting = "/" + String(repeating: "a", count: 106)
        #expect(try TargetAddress("unix:" + fitting).endpoint == .unixSocket(fitting))
        #expect(throws: AddressError.self) { try TargetAddress("unix:" + fitting + "a") }
        #expect(throws: AddressError.self) { try TargetAddress("unix:/run/\u{0}app.sock") }
    }
}
