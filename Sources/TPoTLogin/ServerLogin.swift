import FoundationEssentials
import TPoTWire

/// Everything that is needed to log in for a server, and to keep the login.
package struct ServerLogin: Sendable {
    package let server: ServerAddress
    let settings: LoginSettings
    package let web: LoginWeb
    package let tokens: TokenFile
    /// Words the reason for a failed login, for the page that the browser shows.
    let wording: @Sendable (any Error) -> String
    /// Unix time in milliseconds.
    package var now: @Sendable () -> Int64

    package init(
        server: ServerAddress,
        settings: LoginSettings,
        web: LoginWeb,
        tokens: TokenFile,
        wording: @escaping @Sendable (any Error) -> String,
        now: @escaping @Sendable () -> Int64 = { Int64((Date().timeIntervalSince1970 * 1000).rounded()) }
    ) {
        self.server = server
        self.settings = settings
        self.web = web
        self.tokens = tokens
        self.wording = wording
        self.now = now
    }

    /// Lets the user log in and keeps the tokens. Nil if the server requires no authorization.
    /// - Parameter invite: shows the user the page to log in at.
    /// - Throws: ``LoginError``; ``TokenFileError`` if the login could not be kept.
    package func run(invite: @escaping @Sendable (LoginInvitation) -> Void) async throws -> (
        account: LoginAccount, tokens: LoginTokens
    )? {
        let announced: AnnouncedMethod.Login
        switch try await web.method(of: server) {
        case .login(let login): announced = login
        case .none: return nil
        case .staticKey: throw LoginError.keyWanted
        case .unknown: throw LoginError.notAnnounced
        }
        let account = try account(announced)
        let login = BrowserLogin(
            server: server,
            provider: provider(of: account),
            audience: announced.audience,
            callbackPort: settings.callbackPort,
            wording: wording,
            invite: invite
        )
        // The user must not log in only to find that the login cannot be kept.
        try tokens.prepare()
        let granted = try await login.run()
        try await tokens.change { $0.keep(granted, of: account, for: server) }
        return (account, granted)
    }

    func provider(of account: LoginAccount) -> IdentityProvider {
        IdentityProvider(account: account, web: web, now: now)
    }

    /// The account that the server announces; the settings override its values.
    func account(_ announced: AnnouncedMethod.Login) throws(LoginError) -> LoginAccount {
        guard server.isTLS else { throw .plainHTTP }
        guard let issuer = settings.issuer ?? announced.issuer else { throw .issuerMissing }
        guard let clientID = settings.clientID ?? announced.clientID else { throw .clientIDMissing }
        return LoginAccount(
            issuer: issuer,
            clientID: clientID,
            scopes: settings.scopes ?? announced.scopes ?? LoginAccount.defaultScopes,
            audience: announced.audience
        )
    }
}
