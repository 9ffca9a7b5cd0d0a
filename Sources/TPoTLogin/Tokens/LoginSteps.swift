/// Which credential to try with a server next. One attempt tries each kind once, from the cheapest to the one that
/// needs a person: it ends even if the server refuses them all.
struct LoginSteps: Hashable, Sendable {
    enum Step: Hashable, Sendable {
        case send(accessToken: String)
        case refresh(LoginTokens, with: String)
        /// Only a login in a browser is left.
        case logIn
        /// The token of a login just made was refused, so another login would be refused as well.
        case giveUp
    }

    private enum Tried: Int {
        case nothing, saved, refreshed, loggedIn
    }

    private var tried = Tried.nothing
    /// The access token of a login that no server has accepted yet.
    private var fresh: String?
    /// A refresh token that the provider no longer accepts.
    private var refused: String?

    init(fresh: LoginTokens? = nil) { self.fresh = fresh?.accessToken }

    /// A new attempt begins.
    mutating func started() { tried = .nothing }

    mutating func accepted() { fresh = nil }

    mutating func refreshRefused(_ refreshToken: String) { refused = refreshToken }

    /// - Parameters:
    ///   - saved: the tokens now kept for the server; other processes change them too.
    ///   - now: Unix time in milliseconds.
    mutating func next(_ saved: LoginTokens?, at now: Int64) -> Step {
        if let saved {
            let isFresh = saved.accessToken == fresh
            if tried == .nothing, saved.isUsable(at: now, margin: isFresh ? 0 : LoginTokens.margin) {
                tried = isFresh ? .loggedIn : .saved
                return .send(accessToken: saved.accessToken)
            }
            if tried.rawValue < Tried.refreshed.rawValue, let token = saved.refreshToken, token != refused {
                tried = .refreshed
                return .refresh(saved, with: token)
            }
        }
        return tried == .loggedIn ? .giveUp : .logIn
    }
}
