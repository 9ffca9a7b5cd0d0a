import TPoTWire

/// How a server wants to be convinced, as it says on `/tpot-auth`.
enum AnnouncedMethod: Hashable, Sendable {
    /// Of a login with an identity provider, all that the server knows.
    struct Login: Hashable, Sendable {
        var issuer: String?
        var clientID: String?
        var scopes: String?
        var audience: String?
    }

    case none
    case staticKey
    case login(Login)
    /// It does not say, as a server 0.2.0.
    case unknown

    init(status: Int, body: String) {
        guard status == 200, case .object(let object)? = try? JSONParser.parse(body) else {
            self = .unknown
            return
        }
        // What comes from the network and becomes a line in a file or on a terminal holds no control characters.
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
