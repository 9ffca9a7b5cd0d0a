/// Shows the server a token, and finds out what it wants when it refuses.
///
/// Never asks a person itself: where that would help, it fails with ``LoginError/loginNeeded``.
package actor LoginAuthorizer {
    package enum Credential: Hashable, Sendable {
        /// The client shows it; only refusals come here.
        case key
        /// Given by the user, as it is.
        case accessToken(String)
        case login
    }

    /// What becomes of the login while a tunnel is up or comes back.
    package enum Notice: Sendable {
        /// The server does not take the login any more: the tunnel does not come back without a new one.
        case newLoginWanted
        /// The identity provider does not renew it any more: the tunnel is up, but could not be opened again.
        case loginEnded
        /// It was not renewed this time; it is tried again.
        case notRenewed(any Error)
    }

    private let credential: Credential
    private let login: ServerLogin
    private let tell: @Sendable (Notice) -> Void
    /// Whether a person could log in now.
    private let hasPerson: Bool
    /// There has been a tunnel: no person is asked any more, because the person may have left.
    private var wasAccepted = false
    private var hasWarned = false
    private var steps: LoginSteps
    private let pause: @Sendable (Duration) async throws -> Void
    private var renewal: Task<Void, any Error>?

    /// - Parameters:
    ///   - fresh: what a person has just logged in for: tried first, and if it is refused, nothing else.
    ///   - tell: says it to the user, once where it lasts.
    ///   - pause: waits until a renewal is due, on a task of its own; a test lets time pass otherwise.
    package init(
        _ credential: Credential,
        _ login: ServerLogin,
        hasPerson: Bool,
        fresh: LoginTokens? = nil,
        tell: @escaping @Sendable (Notice) -> Void,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
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

    /// The value of Authorization for the first try of an attempt; nil for none.
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

    /// The value to try next, after a 401 that said `detail`; nil where there is no other, so that the refusal stands.
    /// - Throws: ``LoginError``; `CancellationError` when the task is cancelled.
    package func authorization(afterRefusal detail: String) async throws -> String? {
        // A server that cannot be asked, or says nothing, has said all with its 401.
        let method = (try? await login.web.method(of: login.server)) ?? .unknown
        switch (method, credential) {
        case (.none, _), (.unknown, _), (.staticKey, .key): return nil
        case (.staticKey, _): throw LoginError.keyWanted
        case (.login, .key): throw LoginError.keyNotWanted
        case (.login, .accessToken): throw LoginError.accessTokenRefused(detail)
        case (.login(let announced), .login):
            let account = try login.account(announced)
            // What was logged in for with another server, or before this one changed its mind, stays where it is.
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

    /// The account that the user logged in for with this server, if it is the one that they want.
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
                throw LoginError.grantedTokenRefused(issuer: account.issuer, detail)
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
                // A logout meanwhile counts.
                guard let theirs = document.tokens(of: account) else { return nil }
                // Another process may have been faster; a refresh token is often good only once.
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
            tell(.loginEnded)
        } catch {
            tell(.notRenewed(error))
        }
    }
}
