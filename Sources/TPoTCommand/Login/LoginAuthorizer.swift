import Logging
import TPoTTunnel

/// Shows the server a token, and finds out what it wants when it refuses.
///
/// Never asks a person itself: where that would help, it fails with ``ConnectFailure/loginNeeded``.
actor LoginAuthorizer: TunnelAuthorizer {
    enum Credential: Hashable, Sendable {
        /// The client shows it; only refusals come here.
        case key
        /// Given by the user, as it is.
        case accessToken(String)
        case login
    }

    private let credential: Credential
    private let login: ServerLogin
    private let logger: Logger
    /// Whether a person could log in now.
    private let hasPerson: Bool
    /// There has been a tunnel: nobody is asked any more, since nobody may be there.
    private var wasAccepted = false
    private var hasWarned = false
    private var steps: LoginSteps
    private let pause: @Sendable (Duration) async throws -> Void
    private var renewal: Task<Void, any Error>?

    /// - Parameters:
    ///   - fresh: what a person has just logged in for: tried first, and if it is refused, nothing else.
    ///   - pause: waits until a renewal is due, on a task of its own; a test lets time pass otherwise.
    init(
        _ credential: Credential,
        _ login: ServerLogin,
        hasPerson: Bool,
        fresh: LoginTokens? = nil,
        logger: Logger,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.credential = credential
        self.login = login
        self.hasPerson = hasPerson
        steps = LoginSteps(fresh: fresh)
        self.logger = logger
        self.pause = pause
    }

    deinit { renewal?.cancel() }

    // MARK: Attempts

    func authorization() async throws -> String? {
        steps.started()
        switch credential {
        case .key: return nil
        case .accessToken(let token): return login.server.isTLS ? Self.bearer(token) : nil
        case .login:
            guard login.server.isTLS, let account = try account() else { return nil }
            return try await nextToken(of: account, detail: "").map(Self.bearer)
        }
    }

    func authorization(afterRefusal detail: String) async throws -> String {
        // A server that cannot be asked, or says nothing, has said all with its 401.
        let method = (try? await login.web.method(of: login.server)) ?? .unknown
        switch (method, credential) {
        case (.none, _), (.unknown, _), (.staticKey, .key): throw ConnectFailure.notAuthorized(detail)
        case (.staticKey, _): throw ServerLogin.keyWanted
        case (.login, .key):
            throw ConnectFailure.credentialsNeeded(
                "the server wants a login, and a key is of no use there: leave it out (--auth-key, TPOT_AUTH_KEY,"
                    + " `tpot config --unset authKey`) and run \(command)"
            )
        case (.login, .accessToken):
            throw ConnectFailure.credentialsNeeded(
                "the server does not accept the access token: \(detail); give one that is valid, or leave it out and"
                    + " run \(command)"
            )
        case (.login(let announced), .login):
            let account = try login.account(announced)
            // What was logged in for with another server, or before this one changed its mind, stays where it is.
            let token = try await nextToken(of: account, isKnown: try self.account() == account, detail: detail)
            if let token { return Self.bearer(token) }
            throw loginNeeded()
        }
    }

    func accepted() async {
        wasAccepted = true
        hasWarned = false
        steps.accepted()
        renewal?.cancel()
        guard credential == .login, login.server.isTLS, let account = try? account() else { return }
        renewal = Task { [weak self, pause] in
            while let delay = await self?.renewalDelay(of: account) {
                try await pause(delay)
                await self?.renew(account)
            }
        }
    }

    private func loginNeeded() -> ConnectFailure {
        guard wasAccepted else {
            let wayOut = "run \(command), or give a token with TPOT_ACCESS_TOKEN or --access-token-file"
            return hasPerson ? .loginNeeded : .credentialsNeeded("the server wants a login: \(wayOut)")
        }
        let text = "run \(command): the server wants a new login"
        // The dashboard's header may have no room for all of it.
        if !hasWarned { logger.warning("\(text)") }
        hasWarned = true
        return .credentialsNeeded(text)
    }

    /// What the user types.
    private var command: String { "`tpot login -t \(login.server)`" }

    private static func bearer(_ token: String) -> String { "Bearer \(token)" }

    // MARK: Tokens

    /// The account that the user logged in for with this server, if it is the one that they want.
    private func account() throws -> LoginAccount? {
        try document().account(for: login.server).flatMap { login.settings.fit($0) ? $0 : nil }
    }

    private func document() throws -> TokenDocument {
        do throws(CommandError) {
            return try login.tokens.read()
        } catch {
            throw ConnectFailure.credentialsNeeded(error.message)
        }
    }

    /// The next token to try; nil when there is none that a person would not have to log in for.
    private func nextToken(of account: LoginAccount, isKnown: Bool = true, detail: String) async throws -> String? {
        while true {
            let saved = isKnown ? try document().tokens(of: account) : nil
            switch steps.next(saved, at: login.now()) {
            case .send(let token): return token
            case .refresh(let old, let refreshToken):
                if let new = try await renewed(old, refreshToken, of: account) { return new.accessToken }
            case .logIn: return nil
            case .giveUp:
                throw ConnectFailure.credentialsNeeded(
                    "the server does not accept the token that \(account.issuer) gave: \(detail); its administrator"
                        + " knows which scopes and audience it wants (--oidc-scopes)"
                )
            }
        }
    }

    /// New tokens for older ones; nil when a person has to log in again.
    private func renewed(_ old: LoginTokens, _ refreshToken: String, of account: LoginAccount) async throws
        -> LoginTokens?
    {
        let now = login.now()
        let new: LoginTokens?
        do {
            new = try await login.tokens.change { document in
                // Whoever has logged out meanwhile stays logged out.
                guard let theirs = document.tokens(of: account) else { return nil }
                // Another process may have been faster; a refresh token is often good only once.
                if theirs.accessToken != old.accessToken, theirs.isUsable(at: now) { return theirs }
                guard let new = try await login.provider(of: account).renewed(with: refreshToken) else { return nil }
                document.keep(new, of: account, for: login.server)
                return new
            }
        } catch let error as CommandError {
            throw ConnectFailure.credentialsNeeded(error.message)
        }
        if new == nil { steps.refreshRefused(refreshToken) }
        return new
    }

    // MARK: Renewal

    /// Nil when there is nothing to renew.
    private func renewalDelay(of account: LoginAccount) -> Duration? {
        guard let saved = try? document().tokens(of: account), saved.refreshToken != nil else { return nil }
        return .milliseconds(saved.renewalDelay(at: login.now()))
    }

    /// While the tunnel is up, so that no person is needed when it has to be opened again: an identity provider forgets a
    /// login that is not used.
    private func renew(_ account: LoginAccount) async {
        // Another process may have renewed them.
        guard let saved = try? document().tokens(of: account), saved.areDue(at: login.now()),
            let refreshToken = saved.refreshToken
        else { return }
        do {
            guard try await renewed(saved, refreshToken, of: account) == nil else { return }
            renewal?.cancel()
            logger.warning("the login has ended: run \(command) before the tunnel has to be opened again")
        } catch {
            logger.debug("the login was not renewed: \(FailureText(server: login.server).text(of: error))")
        }
    }
}
