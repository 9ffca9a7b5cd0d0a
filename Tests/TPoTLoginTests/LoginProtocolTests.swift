import Testing

@testable import TPoTLogin
@testable import TPoTWire

/// The messages between us, the browser, the server and the identity provider.
@Suite struct LoginProtocolTests {
    private let account = LoginAccount(issuer: "https://id.example", clientID: "a b&c", scopes: "openid api://x/y")

    // MARK: The server

    @Test(arguments: [
        (200, #"{"method":"none"}"#, AnnouncedMethod.none), (200, #"{"method":"static_key"}"#, .staticKey),
        (200, #"{"method":"oidc"}"#, .login(.init())),
        (
            200,
            #"{"method":"oidc","oidcIssuer":"https://i","oidcClientId":"c","oidcScopes":"s t","oidcAudience":"a"}"#,
            .login(.init(issuer: "https://i", clientID: "c", scopes: "s t", audience: "a"))
        ),
        (200, #"{"method":"oidc","oidcIssuer":"a\nb","oidcClientId":"","oidcScopes":7}"#, .login(.init())),
        (404, #"{"method":"none"}"#, .unknown), (200, "not found", .unknown), (200, #"{"method":"saml"}"#, .unknown),
        (302, "", .unknown),
    ])
    func announcementsAreRead(status: Int, body: String, expected: AnnouncedMethod) {
        #expect(AnnouncedMethod(status: status, body: body) == expected)
    }

    // MARK: The provider

    private func metadata(_ issuer: String, asked: String = "https://id.example", token: String = "https://t.example/t")
        throws -> ProviderMetadata
    {
        let json = """
            {"issuer":"\(issuer)","authorization_endpoint":"https://id.example/auth?x=1","token_endpoint":"\(token)"}
            """
        return try ProviderMetadata(try JSONParser.object(json).object, expected: asked)
    }

    @Test(arguments: [
        ("https://id.example", "https://id.example/.well-known/openid-configuration"),
        ("https://id.example/", "https://id.example/.well-known/openid-configuration"),
        ("https://id.example/tenant/v2.0", "https://id.example/tenant/v2.0/.well-known/openid-configuration"),
    ])
    func theDocumentIsFoundBelowTheIssuer(issuer: String, address: String) {
        #expect(ProviderMetadata.address(issuer: issuer)?.text == address)
    }

    @Test func theIssuerMustBeTheOneThatWasAsked() throws {
        #expect(try metadata("https://id.example").tokenEndpoint.text == "https://t.example/t")
        #expect(try metadata("https://id.example/").issuer == "https://id.example/")
        #expect(try metadata("https://id.example", asked: "https://id.example/").issuer == "https://id.example")
        for other in ["https://evil.example", "https://id.example/x", "http://id.example", ""] {
            #expect(throws: LoginError.oddDocument(issuer: "https://id.example", .otherIssuer(other))) {
                try metadata(other)
            }
        }
    }

    @Test(arguments: ["http://t.example/t", "file:///etc/passwd", "", "--help"])
    func endpointsAreHTTPS(endpoint: String) {
        #expect(throws: LoginError.oddDocument(issuer: "https://id.example", .noAddress("token_endpoint"))) {
            try metadata("https://id.example", token: endpoint)
        }
    }

    // MARK: The request

    /// The example of RFC 7636 appendix B.
    @Test func theChallengeIsTheHashOfTheVerifier() {
        let challenge = AuthorizationRequest.challenge(of: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        #expect(challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    }

    @Test func theUserIsSentToAnAddressWithAllParameters() throws {
        let request = AuthorizationRequest(account, audience: "api")
        let plain = try #require(WebAddress("https://id.example/auth"))
        let url = request.url(at: plain, port: 4242)
        let challenge = AuthorizationRequest.challenge(of: request.verifier)
        #expect(
            url == "https://id.example/auth?response_type=code&client_id=a%20b%26c"
                + "&redirect_uri=http%3A%2F%2F127.0.0.1%3A4242%2Fcallback&scope=openid%20api%3A%2F%2Fx%2Fy"
                + "&state=\(request.state)&code_challenge=\(challenge)&code_challenge_method=S256&audience=api"
        )
        let withQuery = try #require(WebAddress("https://id.example/auth?p=1"))
        #expect(request.url(at: withQuery, port: 1).hasPrefix("https://id.example/auth?p=1&response_type=code&"))
        #expect(!AuthorizationRequest(account, audience: nil).url(at: plain, port: 1).contains("audience"))
    }

    @Test func secretsAreLongAndUnique() {
        let requests = (1...100).map { _ in AuthorizationRequest(account, audience: nil) }
        let secrets = requests.flatMap { [$0.state, $0.verifier] }
        #expect(Set(secrets).count == 200)
        #expect(secrets.allSatisfy { $0.utf8.count == 43 })
    }

    // MARK: The browser

    private func read(_ uri: String) -> CallbackQuery {
        CallbackQuery(uri, state: "s-1", issuer: "https://id.example")
    }

    @Test(arguments: [
        ("/callback?code=a%2Fb+c&state=s-1", CallbackQuery.answer(.code("a/b c"))),
        ("/callback?state=s-1&code=x&iss=https%3A%2F%2Fid.example", .answer(.code("x"))),
        ("/callback?error=access_denied&state=s-1", .answer(.refused(.said("access_denied")))),
        (
            "/callback?error=access_denied&error_description=the+%1B%5B2Juser&state=s-1",
            .answer(.refused(.said("access_denied: the \\x1b[2Juser")))
        ),
        ("/callback?code=x&state=s-2", .foreign), ("/callback?code=x&state=", .foreign), ("/callback?code=x", .foreign),
        ("/callback?code=x&state=s-1&state=s-1", .foreign), ("/callback?code=x&state=s-2&state=s-1", .foreign),
        ("/callback?state=s-1", .foreign), ("/callback?code=&state=s-1", .foreign), ("/callback", .foreign),
        ("/callback/?code=x&state=s-1", .elsewhere), ("/favicon.ico", .elsewhere), ("/?code=x&state=s-1", .elsewhere),
    ])
    func callbackRequestsAreRead(uri: String, expected: CallbackQuery) {
        #expect(read(uri) == expected)
    }

    @Test func anAnswerOfAnotherProviderIsRefused() {
        let query = read("/callback?code=x&state=s-1&iss=https%3A%2F%2Fevil")
        #expect(query == .answer(.refused(.otherProvider("https://evil"))))
    }

    @Test func textOnAPageIsEscaped() {
        #expect(CallbackPage.escaped("<b a=\"1\">&") == "&lt;b a=&quot;1&quot;&gt;&amp;")
    }
}
