/// Which credential to try with a server next. In one attempt each kind is tried once, from the cheapest to the one that
/// needs a person: a server that refuses them all leads to an end, never in a circle.
struct LoginSteps: Hashable, Sendable {
    enum Step: Hashable, Sendable {
        case send(accessToken: String)
        case refresh(LoginTokens, with: String)
        /// Nothing is left but a person in front of a browser.
        case logIn
        /// A token that was just logged in for was refused: another one would be as well.
        case giveUp
    }

    private enum Tried: Int {
        case nothing, saved, refreshed, loggedIn
    }

    private var tried = Tried.nothing
    /// The access token of a login that no server has accepted yet.
    private var fresh: String?
    /// A refresh token that the provider takes no more.
    private var refused: String?

    init(fresh: LoginTokens? = nil) { self.fresh = fresh?.accessToken }

    /// A new attempt begins.
    mutating func started() { tried = .nothing }

    mutating func accepted() { fresh = nil }

    mutating func refreshRefused(_ refreshToken: String) { refused = refreshToken }

    /// - Parameters:
    ///   - saved: what is kept for the server now; other processes change it too.
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
