import NIOCore
import TPoTWire

/// The identity provider of an account. It gives tokens for a code or for an older token.
struct IdentityProvider: Sendable {
    /// A renewal makes two calls: for the metadata, then for the tokens.
    static let longestRenewal = HTTPCaller.longestCall * 2

    let account: LoginAccount
    let web: LoginWeb
    /// Unix time in milliseconds.
    let now: @Sendable () -> Int64

    func metadata() async throws(LoginError) -> ProviderMetadata {
        guard let address = ProviderMetadata.address(issuer: account.issuer) else {
            throw .issuerNoAddress(VisibleText.line(account.issuer))
        }
        let (status, document) = try await web.ask(address)
        guard status == 200 else {
            throw .noProvider(issuer: account.issuer, address: address.text, status: status)
        }
        return try ProviderMetadata(document, expected: account.issuer)
    }

    /// Exchanges the code of a login.
    func tokens(for request: AuthorizationRequest, code: String, port: Int, _ metadata: ProviderMetadata)
        async throws(LoginError) -> LoginTokens
    {
        let (status, answer) = try await web.ask(metadata.tokenEndpoint, form: request.form(code: code, port: port))
        guard status == 200 else {
            throw .noToken(issuer: account.issuer, LoginError.TokenRefusal(answer, status))
        }
        return try tokens(answer)
    }

    /// New tokens in exchange for a refresh token; nil if the provider no longer accepts it.
    func renewed(with refreshToken: String) async throws(LoginError) -> LoginTokens? {
        let form = PercentEncoding.form([
            ("grant_type", "refresh_token"), ("client_id", account.clientID), ("refresh_token", refreshToken),
        ])
        let (status, answer) = try await web.ask(try await metadata().tokenEndpoint, form: form)
        guard status != 200 else { return try tokens(answer, keeping: refreshToken) }
        // Only an OAuth error says that the token is dead. Any other answer may come from a proxy in front of the
        // provider.
        guard answer.text("error") != nil else {
            throw .notRenewed(issuer: account.issuer, LoginError.TokenRefusal(answer, status))
        }
        return nil
    }

    private func tokens(_ answer: JSONObject, keeping refreshToken: String? = nil) throws(LoginError) -> LoginTokens {
        guard let tokens = LoginTokens(answer: answer, at: now(), keeping: refreshToken) else {
            throw .noUsableToken(issuer: account.issuer)
        }
        return tokens
    }
}

extension LoginError.TokenRefusal {
    fileprivate init(_ answer: JSONObject, _ status: Int) {
        let texts = [answer.text("error"), answer.text("error_description")].compactMap { $0 }
        self = texts.isEmpty ? .status(status) : .said(VisibleText.line(texts.joined(separator: ": ")))
    }
}
