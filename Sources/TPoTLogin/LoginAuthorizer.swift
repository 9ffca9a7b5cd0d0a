/// Chooses the token to send to the server, and finds out what the server requires when it refuses one.
///
/// It never asks a person itself. If only a person could help, it fails with ``LoginError/loginNeeded``.
package actor LoginAuthorizer {
    package enum Credential: Hashable, Sendable {
        /// The client sends the key itself; only refusals come here.
        case key
        /// A token from the user, sent unchanged.
        case accessToken(String)
        case login
    }

    /// What happens to the login while a tunnel is up or being restored.
    package enum Notice: Sendable {
        /// The server no longer accepts the login: the tunnel cannot come back without a new one.
        case newLoginWanted
        /// The identity provider no longer renews the login: the tunnel is up, but could not be opened again.
        case loginEnded
        /// This renewal failed; it will be tried again.
        case notRenewed(any Error)
    }

    private let credential: Credential
    private let login: ServerLogin
    private let tell: @Sendable (Notice) -> Void
    /// Whether a person is there who could log in now.
    private let hasPerson: Bool
    /// Whether there has been a tunnel. After that no person is asked any more, because the person may have left.
    private var wasAccepted = false
    private var hasWarned = false
    private var steps: LoginSteps
    private let pause: @Sendable (Duration) async throws -> Void
    private var renewal: Task<Void, any Error>?

    /// - Parameters:
    ///   - fresh: tokens from a login just made: tried first. If they are refused, nothing else is tried.
    ///   - tell: reports a notice to the user; a condition that lasts is reported once.
    ///   - pause: waits until a renewal is due, in a task of its own; a test can replace it.
    package init(
        _ credential: Credential,
        _ login: ServerLogin,
        hasPerson: Bool,
        fresh: LoginTokens? = nil,
        tell: @escaping @Sendable (Notice) -> Void,
        pause: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.credential = credential
        self.login = login
        self.hasPerson = hasPerson
        steps = LoginSteps(fresh: fresh)
        self.tell = tell
        self.pause = pause
    }

    deinit { renewal?.cancel() }

    // MARK: Attempts

    /// The value of Authorization for the first try of an attempt; nil to send none.
    /// - Throws: ``LoginError``; `CancellationError` when the task is cancelled.
    package func authorization() async throws -> String? {
        steps.started()
        switch credential {
        case .key: return nil
        case .accessToken(let token): return login.server.isTLS ? Self.bearer(token) : nil
        case .login:
            guard login.server.isTLS, let account = try account() else { return nil }
            return try await nextToken(of: account, detail: "").map(Self.bearer)
        }
    }

    /// The value to try next after a 401 whose text was `detail`. Nil if there is no other: then the refusal is final.
    /// - Throws: ``LoginError``; `CancellationError` when the task is cancelled.
    package func authorization(afterRefusal detail: String) async throws -> String? {
        // If the server cannot be asked, or does not answer, the 401 is all that is known.
        let method = (try? await login.web.method(of: login.server)) ?? .unknown
        switch (method, credential) {
        case (.none, _), (.unknown, _), (.staticKey, .key): return nil
        case (.staticKey, _): throw LoginError.keyWanted
        case (.login, .key): throw LoginError.keyNotWanted
        case (.login, .accessToken): throw LoginError.accessTokenRefused(detail)
        case (.login(let announced), .login):
            let account = try login.account(announced)
            // A login for another server, or from before this server changed its announcement, is not used here.
            let token = try await nextToken(of: account, isKnown: try self.account() == account, detail: detail)
            if let token { return Self.bearer(token) }
            throw loginNeeded()
        }
    }

    /// The server made a tunnel.
    package func accepted() async {
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

    private func loginNeeded() -> LoginError {
        guard wasAccepted else { return hasPerson ? .loginNeeded : .loginWanted }
        if !hasWarned { tell(.newLoginWanted) }
        hasWarned = true
        return .newLoginWanted
    }

    private static func bearer(_ token: String) -> String { "Bearer \(token)" }

    // MARK: Tokens

    /// The account of the user's login for this server, if it matches the settings.
    private func account() throws(LoginError) -> LoginAccount? {
        try document().account(for: login.server).flatMap { login.settings.fit($0) ? $0 : nil }
    }

    private func document() throws(LoginError) -> TokenDocument {
        do throws(TokenFileError) {
            return try login.tokens.read()
        } catch {
            throw .tokenFile(error)
        }
    }

    /// The next token to try; nil if only a person can get another one.
    private func nextToken(of account: LoginAccount, isKnown: Bool = true, detail: String) async throws -> String? {
        while true {
            let saved = isKnown ? try document().tokens(of: account) : nil
            switch steps.next(saved, at: login.now()) {
            case .send(let token): return token
            case .refresh(let old, let refreshToken):
                if let new = try await renewed(old, refreshToken, of: account) { return new.accessToken }
            case .logIn: return nil
            case .giveUp:
                throw LoginError.grantedTokenRefused(issuer: account.issuer, detail)
            }
        }
    }

    /// New tokens in exchange for old ones; nil if a person has to log in again.
    private func renewed(_ old: LoginTokens, _ refreshToken: String, of account: LoginAccount) async throws
        -> LoginTokens?
    {
        let now = login.now()
        let new: LoginTokens?
        do {
            new = try await login.tokens.change { document in
                // The user may have logged out meanwhile: that wins.
                guard let theirs = document.tokens(of: account) else { return nil }
                // Another process may have renewed them first; a refresh token often works only once.
                if theirs.accessToken != old.accessToken, theirs.isUsable(at: now) { return theirs }
                guard let new = try await login.provider(of: account).renewed(with: refreshToken) else { return nil }
                document.keep(new, of: account, for: login.server)
                return new
            }
        } catch let error as TokenFileError {
            throw LoginError.tokenFile(error)
        }
        if new == nil { steps.refreshRefused(refreshToken) }
        return new
    }

    // MARK: Renewal

    /// Nil if there is nothing to renew.
    private func renewalDelay(of account: LoginAccount) -> Duration? {
        guard let saved = try? document().tokens(of: account), saved.refreshToken != nil else { return nil }
        return .milliseconds(saved.renewalDelay(at: login.now()))
    }

    /// Renews the login while the tunnel is up, so that no person is needed when the tunnel has to be opened again. An
    /// identity provider forgets a login that is not used.
    private func renew(_ account: LoginAccount) async {
        // Another process may have renewed them.
        guard let saved = try? document().tokens(of: account), saved.areDue(at: login.now()),
            let refreshToken = saved.refreshToken
        else { return }
        do {
            guard try await renewed(saved, refreshToken, of: account) == nil else { return }
            renewal?.cancel()
            tell(.loginEnded)
        } catch {
            tell(.notRenewed(error))
        }
    }
}
