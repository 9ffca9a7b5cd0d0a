import TPoTLogin
import TPoTNetwork
import TPoTSystem
import TPoTTunnel
import Testing

@testable import TPoTCommand
@testable import TPoTWire

/// What a person reads when a login fails, and the exit code of the command.
@Suite struct FailureTextLoginTests {
    private let server = ServerAddress(scheme: .https, host: "tpot.example.com", port: 443)
    private static let issuer = "https://id.example"
    private static let command = "`tpot login -t https://tpot.example.com`"

    @Test(arguments: [
        (LoginError.keyWanted, "the server wants a key: give it with --auth-key-file, TPOT_AUTH_KEY or `tpot config`"),
        (
            .keyNotWanted,
            "the server wants a login, and a key is of no use there: leave it out (--auth-key, TPOT_AUTH_KEY,"
                + " `tpot config --unset authKey`) and run \(command)"
        ),
        (
            .plainHTTP,
            "the server wants a login, but a token is never sent over plain http: write https://tpot.example.com"
        ),
        (.issuerMissing, "the server names no identity provider to log in at: give one with --oidc-issuer"),
        (.clientIDMissing, "the server names no client to log in with: give it with --oidc-client-id"),
        (
            .accessTokenRefused("no"),
            "the server does not accept the access token: no; give one that is valid, or leave it out and run \(command)"
        ),
        (
            .grantedTokenRefused(issuer: issuer, "no"),
            "the server does not accept the token that https://id.example gave: no; its administrator knows which scopes"
                + " and audience it wants (--oidc-scopes)"
        ),
        (.loginNeeded, "the server https://tpot.example.com wants a login: run \(command)"),
        (
            .loginWanted,
            "the server wants a login: run \(command), or give a token with TPOT_ACCESS_TOKEN or --access-token-file"
        ),
        (.newLoginWanted, "run \(command): the server wants a new login"),
        (
            .cannotListen(port: 99, .system(errno: 98)),
            "cannot listen on 127.0.0.1:99 for the browser's return: address already in use; see --oidc-callback-port"
        ),
        (.notLoggedIn(seconds: 120), "nobody logged in within 120 s; try again"),
        (.issuerNoAddress("x"), "x is no https:// address of an identity provider; see --oidc-issuer"),
        (.notLetIn(issuer: issuer, .said("no")), "https://id.example did not let us in: no"),
        (
            .notLetIn(issuer: issuer, .otherProvider("https://evil")),
            "https://id.example did not let us in: the answer comes from https://evil, which was not asked"
        ),
        (.noToken(issuer: issuer, .status(401)), "https://id.example gave no token: it answered 401"),
        (.tokenFile(.noHome), "there is no home folder (HOME is not set): a login cannot be kept"),
    ])
    func aPersonCanHelp(error: LoginError, text: String) {
        #expect(FailureText(server: server).text(error) == text)
        #expect(ExitStatus(error) == .notAuthorised)
        #expect(ExitStatus(.notAuthorizedBy(AuthorizerFailure(error))) == .notAuthorised)
    }

    @Test(arguments: [
        (
            LoginError.notAnnounced,
            "this is not a TPoT server: https://tpot.example.com does not say how to log in (no /tpot-auth); check the"
                + " server URL"
        ),
        (
            .notConnected(.unreachable(.provider("\(issuer):443"), .closed)),
            "the identity provider https://id.example:443 cannot be reached: it closed the connection; try again later,"
                + " or ask its administrator"
        ),
        (
            .noProvider(issuer: issuer, address: "\(issuer)/x", status: 404),
            "there is no identity provider at https://id.example: https://id.example/x answers 404"
        ),
        (
            .oddAnswer(address: issuer, status: 302, .redirect(to: "https://evil")),
            "the identity provider answered 302 at https://id.example, which leads to https://evil; redirects are not"
                + " followed"
        ),
        (
            .oddAnswer(address: issuer, status: 500, .noAnswer),
            "the identity provider answered 500 at https://id.example"
        ),
        (
            .oddAnswer(address: issuer, status: 200, .notJSON),
            "the identity provider answered 200 at https://id.example with something that is no JSON object"
        ),
        (.oddDocument(issuer: issuer, .noIssuer), "the identity provider https://id.example does not name its issuer"),
        (
            .oddDocument(issuer: issuer, .otherIssuer("https://x")),
            "the identity provider https://id.example says that it is https://x; if that one is meant, name it with"
                + " --oidc-issuer"
        ),
        (
            .oddDocument(issuer: issuer, .noAddress("token_endpoint")),
            "the identity provider https://id.example names no https address as its token_endpoint"
        ),
        (
            .notRenewed(issuer: issuer, .said("later")),
            "the identity provider https://id.example did not renew the login: later"
        ),
        (
            .noUsableToken(issuer: issuer),
            "the identity provider https://id.example gave no access token that can be used"
        ),
    ])
    func tryingAgainMayHelp(error: LoginError, text: String) {
        #expect(FailureText(server: server).text(error) == text)
        #expect(ExitStatus(error) == .serverUnreachable)
        #expect(ExitStatus(.notAuthorizedBy(AuthorizerFailure(error))) == .serverUnreachable)
    }

    /// The file is named, and what is quoted of it cannot reach the terminal as it is.
    @Test(arguments: [
        (
            TokenFileError.corrupt("/h/tokens.json", JSONError(line: 3, reason: "\u{1b}")),
            "the token file /h/tokens.json is corrupt, line 3: \\x1b; mend it or move it away"
        ),
        (.unreadable("/h/tokens.json", FileError("x")), "cannot read the token file /h/tokens.json: x"),
        (.unwritable("/h/tokens.json", FileError("x")), "cannot write the token file /h/tokens.json: x"),
    ])
    func aTokenFileEndsTheCommand(error: TokenFileError, text: String) async {
        let failure = await #expect(throws: CommandError.self) {
            try await FailureText.naming(server) { () async throws -> Void in throw error }
        }
        #expect(failure == CommandError(.badConfig, text))
    }
}
