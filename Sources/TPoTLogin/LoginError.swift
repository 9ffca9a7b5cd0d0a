import TPoTNetwork
import TPoTSystem
import TPoTWire

/// Why a login, or the renewal of one, came to nothing. Texts in it are quotes from the network on one line.
package enum LoginError: Error, Hashable, Sendable {
    // MARK: What the server wants

    /// It does not say on `/tpot-auth` how to log in.
    case notAnnounced
    /// A key, and none was given.
    case keyWanted
    /// A login, and a key was given.
    case keyNotWanted
    /// A login, but it is reached over plain http, over which no token is sent.
    case plainHTTP
    /// It names no identity provider, and neither do the settings.
    case issuerMissing
    /// It names no client, and neither do the settings.
    case clientIDMissing
    /// It did not accept the access token that the user gave.
    case accessTokenRefused(String)
    /// It did not accept a token for which the user has just logged in at this issuer.
    case grantedTokenRefused(issuer: String, String)

    // MARK: A person is needed

    /// A login, and a person is there who can log in.
    case loginNeeded
    /// A login, and no person can be asked.
    case loginWanted
    /// Another login than the one with which there was a tunnel.
    case newLoginWanted
    /// No free port on the loopback for the browser to come back to.
    case cannotListen(port: Int, NetworkCause)
    /// The user did not log in within this many seconds.
    case notLoggedIn(seconds: Int64)

    // MARK: The identity provider

    /// No server or identity provider could be reached.
    case notConnected(ConnectionFailure)
    /// A variable of the environment names no proxy.
    case proxy(ProxyVariableError)
    /// What is named as the issuer is no `https` address.
    case issuerNoAddress(String)
    /// There is no document of an identity provider at this address, but an answer with this status.
    case noProvider(issuer: String, address: String, status: Int)
    /// It answered at this address otherwise than an identity provider does.
    case oddAnswer(address: String, status: Int, OddAnswer)
    /// Its document is not that of the issuer that was asked for.
    case oddDocument(issuer: String, OddDocument)
    /// It did not let the user in, for this reason.
    case notLetIn(issuer: String, LoginRefusal)
    /// It gave no token for the code of a login.
    case noToken(issuer: String, TokenRefusal)
    /// It did not renew the login, and does not say that the login has ended.
    case notRenewed(issuer: String, TokenRefusal)
    /// It gave no access token that can be sent as `Bearer`.
    case noUsableToken(issuer: String)

    // MARK: The file

    case tokenFile(TokenFileError)

    package enum OddAnswer: Hashable, Sendable {
        case redirect(to: String)
        /// Too many requests, or an accident.
        case noAnswer
        case notJSON
    }

    package enum OddDocument: Hashable, Sendable {
        case noIssuer
        case otherIssuer(String)
        /// The member with this name is no `https` address.
        case noAddress(String)
    }

    /// Why a provider sent the browser back without a code.
    package enum LoginRefusal: Hashable, Sendable {
        /// What it said.
        case said(String)
        /// The answer came from another provider.
        case otherProvider(String)
    }

    /// An error of a token endpoint (RFC 6749 section 5.2).
    package enum TokenRefusal: Hashable, Sendable {
        case said(String)
        case status(Int)
    }

    /// Whether waiting changes nothing: somebody has to log in, or to give something else.
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

/// Why the file of tokens could not be read or written.
package enum TokenFileError: Error, Hashable, Sendable {
    /// Without a home folder no login can be kept.
    case noHome
    /// With the file's path.
    case unreadable(String, FileError)
    case unwritable(String, FileError)
    case corrupt(String, JSONError)
}
