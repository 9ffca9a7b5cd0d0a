/// What tokens belong to: an identity provider, and the client and scopes of the request.
package struct LoginAccount: Hashable, Sendable {
    /// The provider's URL, exactly as it was given: the same URL with and without a final slash makes two accounts.
    package var issuer: String
    var clientID: String
    /// Separated by spaces.
    var scopes: String

    static let defaultScopes = "openid"

    /// The audience in the request for the tokens. A token for one audience must not reach a server of another.
    var audience: String?

    /// The key of its entry in `tokens.json`, as in the original client, which does not tell audiences apart.
    var key: String { [issuer, clientID, scopes, audience].compactMap { $0 }.joined(separator: "\n") }

    init(issuer: String, clientID: String, scopes: String, audience: String? = nil) {
        self.issuer = issuer
        self.clientID = clientID
        self.scopes = scopes
        self.audience = audience
    }

    init?(key: String) {
        let parts = key.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard 3...4 ~= parts.count else { return nil }
        self.init(issuer: parts[0], clientID: parts[1], scopes: parts[2], audience: parts.count > 3 ? parts[3] : nil)
    }
}
