import TPoTWire

/// The tokens that an identity provider gave.
package struct LoginTokens: Hashable, Sendable {
    var accessToken: String
    var refreshToken: String?
    /// Unix time in milliseconds.
    var expiresAt: Int64

    /// Milliseconds before its expiry from which a token is no longer used, as in the original client: the token takes
    /// time to arrive, and clocks differ.
    static let margin: Int64 = 60_000
    /// The shortest time between two renewals, in milliseconds, whatever lifetime the provider states.
    static let shortestRenewal: Int64 = 30_000
    /// The lifetime in seconds if the provider states none.
    private static let usualLife = 3600.0
    private static let longestLife = 10 * 365 * 86_400.0

    init(accessToken: String, refreshToken: String?, expiresAt: Int64) {
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        // A file can hold any number. One outside these bounds means nothing, and must not make arithmetic overflow.
        self.expiresAt = min(max(expiresAt, 0), 1 << 53)
    }

    func isUsable(at now: Int64, margin: Int64 = Self.margin) -> Bool { now < expiresAt - margin }

    /// Whether it is time to renew the tokens, while the old one can still be used.
    func areDue(at now: Int64) -> Bool { !isUsable(at: now, margin: 2 * Self.margin) }

    /// How long to wait before the renewal, in milliseconds.
    func renewalDelay(at now: Int64) -> Int64 { max(expiresAt - 2 * Self.margin - now, Self.shortestRenewal) }

    /// Reads a token endpoint's answer (RFC 6749 section 5.1). Nil if it holds no token that can be sent as `Bearer`.
    init?(answer: JSONObject, at now: Int64, keeping refreshToken: String? = nil) {
        guard let accessToken = answer.text("access_token"), Self.isToken(accessToken) else { return nil }
        if let type = answer.text("token_type"), type.lowercased() != "bearer" { return nil }
        // Some providers write the number as text.
        let seconds =
            switch answer["expires_in"] {
            case .number(let text), .string(let text): Double(text) ?? Self.usualLife
            default: Self.usualLife
            }
        let life = Int64(min(max(seconds.isNaN ? 0 : seconds, 0), Self.longestLife) * 1000)
        self.init(
            accessToken: accessToken,
            refreshToken: answer.text("refresh_token") ?? refreshToken,
            expiresAt: now + life
        )
    }

    /// Whether a text can follow `Bearer` in a header: visible ASCII, no blanks.
    package static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }
}

extension LoginTokens {
    /// Reads an entry of `tokens.json`; nil if the value is not a valid one.
    init?(_ entry: JSONValue?) {
        guard case .object(let object)? = entry, let accessToken = object.text("accessToken"),
            Self.isToken(accessToken), case .number(let text)? = object["expiresAt"],
            let number = Double(text), let expiresAt = Int64(exactly: number.rounded())
        else { return nil }
        self.init(accessToken: accessToken, refreshToken: object.text("refreshToken"), expiresAt: expiresAt)
    }

    var entry: JSONValue {
        var object = JSONObject()
        object["accessToken"] = .string(accessToken)
        if let refreshToken { object["refreshToken"] = .string(refreshToken) }
        object["expiresAt"] = .number(String(expiresAt))
        return .object(object)
    }
}
