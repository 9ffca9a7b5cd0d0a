import Crypto
import FoundationEssentials
import TPoTWire

/// The request for a login: Authorization Code (RFC 6749 section 4.1) with PKCE (RFC 7636, S256) and a redirect to the
/// loopback (RFC 8252 section 7.3).
struct AuthorizationRequest: Hashable, Sendable {
    let account: LoginAccount
    /// The audience of the tokens, if the server names one. The standard has no such parameter, but Auth0 and others
    /// need it.
    let audience: String?
    /// Comes back with the answer, so that no foreign answer is accepted.
    let state: String
    /// Proves, when the code is exchanged, that the program is the one that asked for it.
    let verifier: String

    init(_ account: LoginAccount, audience: String?) {
        self.account = account
        self.audience = audience
        state = Self.secret()
        verifier = Self.secret()
    }

    static func redirectURI(port: Int) -> String { "http://127.0.0.1:\(port)\(CallbackQuery.path)" }

    /// The page that the user opens.
    func url(at endpoint: WebAddress, port: Int) -> String {
        var fields = [
            ("response_type", "code"),
            ("client_id", account.clientID),
            ("redirect_uri", Self.redirectURI(port: port)),
            ("scope", account.scopes),
            ("state", state),
            ("code_challenge", Self.challenge(of: verifier)),
            ("code_challenge_method", "S256"),
        ]
        if let audience { fields.append(("audience", audience)) }
        return endpoint.text + (endpoint.target.contains("?") ? "&" : "?") + PercentEncoding.form(fields)
    }

    /// The form for the token endpoint that exchanges the code.
    func form(code: String, port: Int) -> String {
        PercentEncoding.form([
            ("grant_type", "authorization_code"),
            ("client_id", account.clientID),
            ("code", code),
            ("redirect_uri", Self.redirectURI(port: port)),
            ("code_verifier", verifier),
        ])
    }

    static func challenge(of verifier: String) -> String {
        base64URL(Data(SHA256.hash(data: Data(verifier.utf8))))
    }

    /// 32 random bytes in 43 characters.
    private static func secret() -> String {
        base64URL(SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) })
    }

    /// RFC 4648 section 5, without padding.
    private static func base64URL(_ bytes: Data) -> String {
        bytes.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
