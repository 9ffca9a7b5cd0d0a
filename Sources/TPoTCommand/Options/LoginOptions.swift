import ArgumentParser

/// How to log in with a server that wants it; the server names what is not given.
struct LoginOptions: SettingOptions {
    @Option(help: ArgumentHelp("The identity provider to log in at.", valueName: "url"))
    var oidcIssuer: String?

    @Option(help: ArgumentHelp("The client to log in with.", valueName: "id"))
    var oidcClientId: String?

    @Option(help: ArgumentHelp("The scopes to ask for, separated by blanks.", valueName: "scopes"))
    var oidcScopes: String?

    @Option(
        help: ArgumentHelp("The port to which the browser comes back after a login. (default: any)", valueName: "port")
    )
    var oidcCallbackPort: String?

    var settings: [Setting: SettingValue] {
        entry(.oidcIssuer, oidcIssuer) + entry(.oidcClientId, oidcClientId) + entry(.oidcScopes, oidcScopes)
            + entry(.oidcCallbackPort, oidcCallbackPort)
    }
}
