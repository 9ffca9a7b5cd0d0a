import Testing

@testable import TPoTWire

@Suite struct ServerAddressTests {
    @Test(arguments: [
        ("tpot.example.com", "http", "tpot.example.com", 80, "tpot.example.com"),
        ("tpot.example.com:3000", "http", "tpot.example.com", 3000, "tpot.example.com:3000"),
        ("http://tpot.example.com", "http", "tpot.example.com", 80, "tpot.example.com"),
        ("https://tpot.example.com/", "https", "tpot.example.com", 443, "tpot.example.com"),
        ("HTTPS://TPoT.Example.com:8443/", "https", "tpot.example.com", 8443, "tpot.example.com:8443"),
        ("https://tpot.example.com:443", "https", "tpot.example.com", 443, "tpot.example.com"),
        ("tpot.example.com.", "http", "tpot.example.com", 80, "tpot.example.com"),
        ("my_server-1:65535", "http", "my_server-1", 65535, "my_server-1:65535"),
        ("127.0.0.1:3000", "http", "127.0.0.1", 3000, "127.0.0.1:3000"),
        ("[::1]:3000", "http", "::1", 3000, "[::1]:3000"),
        ("https://[2001:DB8::1]", "https", "2001:db8::1", 443, "[2001:db8::1]"),
    ])
    func validAddressesAreParsed(text: String, scheme: String, host: String, port: Int, hostHeader: String) throws {
        let address = try ServerAddress(text)
        #expect(address.scheme.rawValue == scheme)
        #expect(address.isTLS == (scheme == "https"))
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.hostHeader == hostHeader)
    }

    @Test(arguments: [
        ("tpot.example.com", "http://name.tpot.example.com"),
        ("https://tpot.example.com", "https://name.tpot.example.com"),
        ("https://tpot.example.com:8443/", "https://name.tpot.example.com:8443"),
        ("http://tpot.example.com:80", "http://name.tpot.example.com:80"),
        ("localhost:3000", "http://name.localhost:3000"),
    ])
    func publicURLShowsAPortOnlyIfItWasGiven(text: String, url: String) throws {
        let subdomain = try #require(Subdomain("name"))
        #expect(try ServerAddress(text).publicURL(for: subdomain) == url)
    }

    @Test func anEmbeddedServerShowsItsPort() throws {
        let subdomain = try #require(Subdomain("name"))
        let address = ServerAddress(scheme: .http, host: "localhost", port: 3000)
        #expect(address.publicURL(for: subdomain) == "http://name.localhost:3000")
        #expect(ServerAddress(scheme: .http, host: "localhost", port: 80).description == "http://localhost")
    }

    @Test func anIPAddressHasNoTLSServerName() throws {
        #expect(try ServerAddress("https://tpot.example.com").tlsServerName == "tpot.example.com")
        #expect(try ServerAddress("https://192.0.2.1").tlsServerName == nil)
        #expect(try ServerAddress("https://[::1]").tlsServerName == nil)
    }

    @Test(arguments: [
        ("", AddressError.Problem.empty),
        ("3000", .portAlone("3000")),
        ("ws://tpot.example.com", .scheme("ws")),
        ("ftp://tpot.example.com", .scheme("ftp")),
        ("://tpot.example.com", .scheme("")),
        ("https://me:secret@tpot.example.com", .userInfo),
        ("me:pass/word@tpot.example.com", .userInfo),
        ("https://tpot.example.com/tunnels", .path("/tunnels")),
        ("tpot.example.com//", .path("//")),
        ("https://tpot.example.com/?a=1", .query),
        ("tpot.example.com#top", .query),
        ("https://", .missingHost),
        (":3000", .missingHost),
        ("tpot example.com", .host("tpot example.com")),
        ("tpot..example.com", .host("tpot..example.com")),
        ("-tpot.example.com", .host("-tpot.example.com")),
        ("bücher.example", .host("bücher.example")),
        ("a\u{1b}[2J", .host("a\u{1b}[2J")),
        ("::1", .unbracketedIPv6("::1")),
        ("a:b:c", .host("a:b:c")),
        ("[::1", .host("[::1")),
        ("[::1]3000", .host("[::1]3000")),
        ("[localhost]", .host("localhost")),
        ("tpot.example.com:", .port("")),
        ("tpot.example.com:0", .port("0")),
        ("tpot.example.com:65536", .port("65536")),
        ("tpot.example.com:+80", .port("+80")),
        ("tpot.example.com:８０", .port("８０")),
    ])
    func invalidAddressesAreRefused(text: String, problem: AddressError.Problem) {
        #expect(throws: AddressError(problem, in: text, role: .server)) { try ServerAddress(text) }
    }

    @Test func errorsHoldNoPassword() {
        #expect(throws: AddressError(.userInfo, in: "https://…@tpot.example.com", role: .server)) {
            try ServerAddress("https://me:secret@tpot.example.com")
        }
    }
}
