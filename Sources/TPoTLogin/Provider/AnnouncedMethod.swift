import TPoTWire

/// The authorization that a server requires, as announced on `/tpot-auth`.
enum AnnouncedMethod: Hashable, Sendable {
    /// What the server knows of a login with an identity provider.
    struct Login: Hashable, Sendable {
        var issuer: String?
        var clientID: String?
        var scopes: String?
        var audience: String?
    }

    case none
    case staticKey
    case login(Login)
    /// The server does not announce it, as server 0.2.0.
    case unknown

    init(status: Int, body: String) {
        guard status == 200, case .object(let object)? = try? JSONParser.parse(body) else {
            self = .unknown
            return
        }
        // These texts come from the network and become lines in a file or on a terminal: no control characters.
        func text(_ name: String) -> String? {
            object.text(name).flatMap {
                !$0.isEmpty && $0.unicodeScalars.allSatisfy(VisibleText.isHarmless) ? $0 : nil
            }
        }
        switch object.text("method") {
        case "none": self = .none
        case "static_key": self = .staticKey
        case "oidc":
            self = .login(
                Login(
                    issuer: text("oidcIssuer"),
                    clientID: text("oidcClientId"),
                    scopes: text("oidcScopes"),
                    audience: text("oidcAudience")
                )
            )
        default: self = .unknown
        }
    }
}
