import TPoTCapture
import TPoTTunnel
import TPoTWire

/// All that is needed to log in for a server, and to keep the login.
struct ServerLogin: Sendable {
    let server: ServerAddress
    let settings: LoginSettings
    let web: LoginWeb
    let tokens: TokenFile
    /// Unix time in milliseconds.
    var now: @Sendable () -> Int64 = { TrafficClock.system.read().unixNanoseconds / 1_000_000 }

    static let keyWanted = ConnectFailure.credentialsNeeded(
        "the server wants a key: give it with --auth-key-file, TPOT_AUTH_KEY or `tpot config`"
    )

    /// Has the user log in, and keeps what they are given; nil if the server lets everybody in.
    func run(invite: @escaping @Sendable (LoginInvitation) -> Void) async throws -> (
        account: LoginAccount, tokens: LoginTokens
    )? {
        let announced: AnnouncedMethod.Login
        switch try await web.method(of: server) {
        case .login(let login): announced = login
        case .none: return nil
        case .staticKey: throw Self.keyWanted
        case .unknown: throw ConnectFailure.notATunnelServer(.noLogin)
        }
        let account = try account(announced)
        let login = BrowserLogin(
            server: server,
            provider: provider(of: account),
            audience: announced.audience,
            callbackPort: settings.callbackPort,
            invite: invite
        )
        // Nobody should log in in vain.
        try tokens.prepare()
        let granted = try await login.run()
        try await tokens.change { $0.keep(granted, of: account, for: server) }
        return (account, granted)
    }

    func provider(of account: LoginAccount) -> IdentityProvider {
        IdentityProvider(account: account, web: web, now: now)
    }

    /// What the server announces, with the settings in place of what they name.
    func account(_ announced: AnnouncedMethod.Login) throws(ConnectFailure) -> LoginAccount {
        guard server.isTLS else {
            throw .credentialsNeeded(
                "the server wants a login, but a token is never sent over plain http: write https://\(server.hostHeader)"
            )
        }
        guard let issuer = settings.issuer ?? announced.issuer else {
            throw .credentialsNeeded("the server names no identity provider to log in at: give one with --oidc-issuer")
        }
        guard let clientID = settings.clientID ?? announced.clientID else {
            throw .credentialsNeeded("the server names no client to log in with: give it with --oidc-client-id")
        }
        return LoginAccount(
            issuer: issuer,
            clientID: clientID,
            scopes: settings.scopes ?? announced.scopes ?? LoginAccount.defaultScopes,
            audience: announced.audience
        )
    }
}
