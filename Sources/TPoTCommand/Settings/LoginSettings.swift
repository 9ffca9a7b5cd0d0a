/// What the user says of logins; the server says the rest.
struct LoginSettings: Hashable, Sendable {
    /// The identity provider's URL, `https`.
    var issuer: String?
    var clientID: String?
    var scopes: String?
    /// The port on the loopback to which the browser comes back; 0 for any free one.
    var callbackPort = 0

    init() {}

    init(_ settings: MergedSettings) throws(CommandError) {
        issuer = try settings.webAddress(.oidcIssuer)
        clientID = settings.text(.oidcClientId)
        scopes = settings.text(.oidcScopes)
        callbackPort = try settings.port(.oidcCallbackPort) ?? 0
    }

    /// Whether tokens of this account are those that these settings ask for.
    func fit(_ account: LoginAccount) -> Bool {
        (issuer ?? account.issuer) == account.issuer && (clientID ?? account.clientID) == account.clientID
            && (scopes ?? account.scopes) == account.scopes
    }
}
