/// What the user says of logins; the server says the rest.
package struct LoginSettings: Hashable, Sendable {
    /// The identity provider's URL, `https`.
    package var issuer: String?
    package var clientID: String?
    package var scopes: String?
    /// The port on the loopback to which the browser comes back; 0 for any free one.
    package var callbackPort = 0

    package init() {}

    /// Whether tokens of this account are those that these settings ask for.
    func fit(_ account: LoginAccount) -> Bool {
        (issuer ?? account.issuer) == account.issuer && (clientID ?? account.clientID) == account.clientID
            && (scopes ?? account.scopes) == account.scopes
    }
}
