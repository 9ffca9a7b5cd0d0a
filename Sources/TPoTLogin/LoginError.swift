import TPoTNetwork
import TPoTSystem
import TPoTWire

/// Why a login or its renewal failed. Texts in it are quotes from the network, each on one line.
package enum LoginError: Error, Hashable, Sendable {
    // MARK: What the server wants

    /// The server does not say on `/tpot-auth` how to log in.
    case notAnnounced
    /// The server requires a key, and none was given.
    case keyWanted
    /// The server requires a login, but a key was given.
    case keyNotWanted
    /// The server requires a login, but is reached over plain http, over which no token is sent.
    case plainHTTP
    /// Neither the server nor the settings name an identity provider.
    case issuerMissing
    /// Neither the server nor the settings name a client.
    case clientIDMissing
    /// The server did not accept the access token that the user gave.
    case accessTokenRefused(String)
    /// The server did not accept a token from a login just made at this issuer.
    case grantedTokenRefused(issuer: String, String)

    // MARK: A person is needed

    /// The server requires a login, and a person is there who can log in.
    case loginNeeded
    /// The server requires a login, and no person can be asked.
    case loginWanted
    /// The server requires a new login: it no longer accepts the one that opened the tunnel.
    case newLoginWanted
    /// There is no free port on the loopback for the browser to come back to.
    case cannotListen(port: Int, NetworkCause)
    /// The user did not log in within this many seconds.
    case notLoggedIn(seconds: Int64)

    // MARK: The identity provider

    /// The server or the identity provider could not be reached.
    case notConnected(ConnectionFailure)
    /// A proxy variable of the environment does not hold a proxy.
    case proxy(ProxyVariableError)
    /// The issuer is not an `https` address.
    case issuerNoAddress(String)
    /// This address has no discovery document: it answered with this status.
    case noProvider(issuer: String, address: String, status: Int)
    /// The provider's answer at this address is not one that an identity provider gives.
    case oddAnswer(address: String, status: Int, OddAnswer)
    /// The provider's document is not the one of the requested issuer.
    case oddDocument(issuer: String, OddDocument)
    /// The provider did not let the user in, for this reason.
    case notLetIn(issuer: String, LoginRefusal)
    /// The provider gave no token for the code of a login.
    case noToken(issuer: String, TokenRefusal)
    /// The provider did not renew the login, and does not say that the login has ended.
    case notRenewed(issuer: String, TokenRefusal)
    /// The provider gave no access token that can be sent as `Bearer`.
    case noUsableToken(issuer: String)

    // MARK: The file

    case tokenFile(TokenFileError)

    package enum OddAnswer: Hashable, Sendable {
        case redirect(to: String)
        /// Too many requests, or an internal error.
        case noAnswer
        case notJSON
    }

    package enum OddDocument: Hashable, Sendable {
        case noIssuer
        case otherIssuer(String)
        /// The member with this name is not an `https` address.
        case noAddress(String)
    }

    /// Why a provider sent the browser back without a code.
    package enum LoginRefusal: Hashable, Sendable {
        /// The provider's own words.
        case said(String)
        /// The answer came from another provider.
        case otherProvider(String)
    }

    /// The error of a token endpoint (RFC 6749 section 5.2).
    package enum TokenRefusal: Hashable, Sendable {
        case said(String)
        case status(Int)
    }

    /// Whether waiting changes nothing: a person has to log in, or to give something else.
    package var isForThePerson: Bool {
        switch self {
        case .keyWanted, .keyNotWanted, .plainHTTP, .issuerMissing, .clientIDMissing, .accessTokenRefused,
            .grantedTokenRefused, .loginNeeded, .loginWanted, .newLoginWanted, .cannotListen, .notLoggedIn,
            .issuerNoAddress, .notLetIn, .noToken, .tokenFile:
            true
        case .notAnnounced, .notConnected, .proxy, .noProvider, .oddAnswer, .oddDocument, .notRenewed, .noUsableToken:
            false
        }
    }
}

/// Why the token file could not be read or written.
package enum TokenFileError: Error, Hashable, Sendable {
    /// There is no home folder, so no login can be kept.
    case noHome
    /// The text is the file's path.
    case unreadable(String, FileError)
    case unwritable(String, FileError)
    case corrupt(String, JSONError)
}
