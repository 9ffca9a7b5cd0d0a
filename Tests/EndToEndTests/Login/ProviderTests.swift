import NIOCore
import TPoTNetwork
import TPoTTunnel
import TestSupport
import Testing

@testable import TPoTCommand
@testable import TPoTLogin
@testable import TPoTWire

/// Providers that do not answer as they should.
@Suite(.timeLimit(.minutes(3))) struct ProviderTests {
    @Test(arguments: [
        ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "there is no identity provider at"),
        ("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", "answered 500"),
        (
            "HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n",
            "leads to https://evil.example/; redirects are not followed"
        ),
        ("<html>", "something that is no JSON object"), ("[]", "something that is no JSON object"),
        (#"{"issuer":"https://evil.example"}"#, "says that it is https://evil.example"),
        ("nonsense", "no JSON object"), ("HTTP/nonsense", "it does not speak HTTP"),
        (#"{"x":""# + String(repeating: "x", count: HTTPCaller.bodyLimit) + #""}"#, "is longer than 65536 bytes"),
    ])
    func faultyDiscoveryDocumentsAreExplained(document: String, text: String) async throws {
        let place = try await LoginPlace()
        place.provider.change { $0.document = document }
        let failure = await #expect(throws: LoginError.self) { try await place.logIn() }
        let said = failure.map { place.text($0) }
        #expect(said?.contains(text) == true, "\(String(describing: said))")
    }

    @Test(arguments: [
        (Targets.answer(#"{"token_type":"Bearer"}"#), "gave no access token"),
        (Targets.answer(#"{"access_token":"a\r\nX: y"}"#), "gave no access token"),
        (
            "HTTP/1.1 307 Moved\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n",
            "redirects are not followed"
        ),
        ("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", "gave no token: it answered 401"),
        ("", "cannot be reached: it closed the connection"),
    ])
    func faultyTokenAnswersAreExplained(answer: String, text: String) async throws {
        let place = try await LoginPlace()
        place.provider.change { $0.answer = answer }
        let failure = await #expect(throws: LoginError.self) { try await place.logIn() }
        let said = failure.map { place.text($0) }
        #expect(said?.contains(text) == true, "\(String(describing: said))")
        #expect(try place.tokens() == nil)
    }

    /// Too many requests are not a refusal: the user does not have to log in again.
    @Test(arguments: [429, 503]) func aProviderThatIsBusyIsAskedLater(status: Int) async throws {
        let place = try await LoginPlace()
        try await place.logIn()
        place.later(by: 7_200_000)
        place.provider.change { $0.answer = "HTTP/1.1 \(status) Busy\r\nContent-Length: 0\r\n\r\n" }
        let failure = try await place.outcome(place.authorizer())
        let address = "\(place.provider.issuer)/token"
        #expect(failure == place.refusal(.oddAnswer(address: address, status: status, .noAnswer)))
    }

    @Test func aProviderWhoseCertificateIsNotTrustedIsNotAsked() async throws {
        let place = try await LoginPlace()
        let web = LoginWeb(serverCAFile: nil, proxies: ProxyEnvironment([:]), eventLoop: Tunnel.loop)
        let address = try #require(ProviderMetadata.address(issuer: place.provider.issuer))
        let failure = await #expect(throws: LoginError.self) { _ = try await web.ask(address) }
        #expect(failure == .notConnected(.unreachable(.provider("\(address.server)"), .certificate(.notTrusted))))
    }

    @Test func aProxyIsUsedAsForTheTunnel() async throws {
        let proxy = try await RawListener.start()
        let caller = try HTTPCaller(.system, eventLoop: Tunnel.loop)
        let server = ServerAddress(scheme: .http, host: "tpot.example.com", port: 80)
        async let answer = caller.call(
            server,
            "/tpot-auth",
            as: .server,
            proxy: .init(host: "127.0.0.1", port: proxy.port, authorization: nil)
        )
        let asked = try await proxy.next()
        #expect(try await asked.read(through: "\r\n\r\n").hasPrefix("CONNECT tpot.example.com:80 HTTP/1.1\r\n"))
        asked.send("HTTP/1.1 200 Connection established\r\n\r\n")
        #expect(
            try await asked.read(through: "\r\n\r\n").hasPrefix("GET /tpot-auth HTTP/1.1\r\nHost: tpot.example.com\r\n")
        )
        asked.send(Targets.answer("{}"))
        #expect(try await answer.status == 200)
    }
}
