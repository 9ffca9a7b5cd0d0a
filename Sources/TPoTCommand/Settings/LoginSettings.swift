import TPoTLogin

extension LoginSettings {
    init(_ settings: MergedSettings) throws(CommandError) {
        self.init()
        issuer = try settings.webAddress(.oidcIssuer)
        clientID = settings.text(.oidcClientId)
        scopes = settings.text(.oidcScopes)
        callbackPort = try settings.port(.oidcCallbackPort) ?? 0
    }
}
