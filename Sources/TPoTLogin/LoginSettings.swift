/// The user's settings for logins. The server announces whatever they leave open.
package struct LoginSettings: Hashable, Sendable {
    /// The identity provider's URL, `https`.
    package var issuer: String?
    package var clientID: String?
    package var scopes: String?
    /// The port on the loopback to which the browser comes back; 0 for any free port.
    package var callbackPort = 0

    package init() {}

    /// Whether the account matches these settings.
    func fit(_ account: LoginAccount) -> Bool {
        (issuer ?? account.issuer) == account.issuer && (clientID ?? account.clientID) == account.clientID
            && (scopes ?? account.scopes) == account.scopes
    }
}
