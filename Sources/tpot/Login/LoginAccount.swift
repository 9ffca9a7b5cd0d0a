/// What tokens belong to: an identity provider, and the client and scopes that they were asked for with.
struct LoginAccount: Hashable, Sendable {
    /// The provider's URL, exactly as it was given: with or without a final slash are two.
    var issuer: String
    var clientID: String
    /// Separated by blanks.
    var scopes: String

    static let defaultScopes = "openid"

    /// The name of its entry in `tokens.json`, as in the original client.
    var key: String { "\(issuer)\n\(clientID)\n\(scopes)" }

    init(issuer: String, clientID: String, scopes: String) {
        self.issuer = issuer
        self.clientID = clientID
        self.scopes = scopes
    }

    init?(key: String) {
        let parts = key.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3 else { return nil }
        self.init(issuer: parts[0], clientID: parts[1], scopes: parts[2])
    }
}
