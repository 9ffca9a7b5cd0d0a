import TPoTLogin
import TPoTWire

/// The sentences about logins.
extension FailureText {
    /// The command with which the user logs in.
    private var loginCommand: String { "`tpot login -t \(server)`" }

    func text(_ error: LoginError) -> String {
        switch error {
        case .notAnnounced:
            "this is not a TPoT server: \(server) does not say how to log in (no /tpot-auth); check the server URL"
        case .keyWanted:
            "the server wants a key: give it with --auth-key-file, TPOT_AUTH_KEY or `tpot config`"
        case .keyNotWanted:
            "the server wants a login, and a key is of no use there: leave it out (--auth-key, TPOT_AUTH_KEY,"
                + " `tpot config --unset authKey`) and run \(loginCommand)"
        case .plainHTTP:
            "the server wants a login, but a token is never sent over plain http: write https://\(server.hostHeader)"
        case .issuerMissing: "the server names no identity provider to log in at: give one with --oidc-issuer"
        case .clientIDMissing: "the server names no client to log in with: give it with --oidc-client-id"
        case .accessTokenRefused(let detail):
            "the server does not accept the access token: \(detail); give one that is valid, or leave it out and"
                + " run \(loginCommand)"
        case .grantedTokenRefused(let issuer, let detail):
            "the server does not accept the token that \(issuer) gave: \(detail); its administrator"
                + " knows which scopes and audience it wants (--oidc-scopes)"
        case .loginNeeded: "the server \(server) wants a login: run \(loginCommand)"
        case .loginWanted:
            "the server wants a login: run \(loginCommand), or give a token with TPOT_ACCESS_TOKEN or --access-token-file"
        // The remedy comes first: the dashboard's header may not have room for the whole sentence.
        case .newLoginWanted: "run \(loginCommand): the server wants a new login"
        case .cannotListen(let port, let cause):
            "cannot listen on 127.0.0.1:\(port) for the browser's return: \(cause); see --oidc-callback-port"
        case .notLoggedIn(let seconds): "nobody logged in within \(seconds) s; try again"
        case .notConnected(let failure): text(failure)
        case .proxy(let error): Self.text(error)
        case .issuerNoAddress(let issuer):
            "\(issuer) is no https:// address of an identity provider; see --oidc-issuer"
        case .noProvider(let issuer, let address, let status):
            "there is no identity provider at \(issuer): \(address) answers \(status)"
        case .oddAnswer(let address, let status, let oddity):
            "the identity provider answered \(status) at \(address)\(Self.text(oddity))"
        case .oddDocument(let issuer, let oddity): "the identity provider \(issuer) \(Self.text(oddity))"
        case .notLetIn(let issuer, .said(let text)): "\(issuer) did not let us in: \(text)"
        case .notLetIn(let issuer, .otherProvider(let other)):
            "\(issuer) did not let us in: the answer comes from \(other), which was not asked"
        case .noToken(let issuer, let refusal): "\(issuer) gave no token: \(Self.text(refusal))"
        case .notRenewed(let issuer, let refusal):
            "the identity provider \(issuer) did not renew the login: \(Self.text(refusal))"
        case .noUsableToken(let issuer):
            "the identity provider \(issuer) gave no access token that can be used"
        case .tokenFile(let error): Self.text(error)
        }
    }

    func text(_ notice: LoginAuthorizer.Notice) -> String {
        switch notice {
        case .newLoginWanted: text(LoginError.newLoginWanted)
        case .loginEnded: "the login has ended: run \(loginCommand) before the tunnel has to be opened again"
        case .notRenewed(let error): "the login was not renewed: \(text(of: error))"
        }
    }

    static func text(_ error: TokenFileError) -> String {
        let text =
            switch error {
            case .noHome: "there is no home folder (HOME is not set): a login cannot be kept"
            case .unreadable(let path, let error): "cannot read the token file \(path): \(error.reason)"
            case .unwritable(let path, let error): "cannot write the token file \(path): \(error.reason)"
            case .corrupt(let path, let error):
                "the token file \(path) is corrupt, line \(error.line): \(error.reason); mend it or move it away"
            }
        // The text may quote the file.
        return VisibleText.text(text)
    }

    private static func text(_ oddity: LoginError.OddAnswer) -> String {
        switch oddity {
        case .redirect(let location): ", which leads to \(location); redirects are not followed"
        case .noAnswer: ""
        case .notJSON: " with something that is no JSON object"
        }
    }

    private static func text(_ oddity: LoginError.OddDocument) -> String {
        switch oddity {
        case .noIssuer: "does not name its issuer"
        case .otherIssuer(let other): "says that it is \(other); if that one is meant, name it with --oidc-issuer"
        case .noAddress(let name): "names no https address as its \(name)"
        }
    }

    private static func text(_ refusal: LoginError.TokenRefusal) -> String {
        switch refusal {
        case .said(let text): text
        case .status(let status): "it answered \(status)"
        }
    }
}
