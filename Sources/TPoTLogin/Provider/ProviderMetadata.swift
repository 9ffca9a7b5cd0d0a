import TPoTWire

/// What an identity provider says of itself (OpenID Connect Discovery 1.0 section 4), as far as a login needs it.
struct ProviderMetadata: Hashable, Sendable {
    var issuer: String
    var authorizationEndpoint: WebAddress
    var tokenEndpoint: WebAddress

    /// Where it says so.
    static func address(issuer: String) -> WebAddress? {
        WebAddress(withoutSlash(issuer) + "/.well-known/openid-configuration")
    }

    /// - Parameter expected: the issuer that was asked. Servers 0.3.0 announce the URL under which the document is
    ///   found, which may have another final slash than the issuer; apart from that they must be the same (section 4.3).
    init(_ document: JSONObject, expected: String) throws(LoginError) {
        func failure(_ oddity: LoginError.OddDocument) -> LoginError {
            .oddDocument(issuer: VisibleText.line(expected), oddity)
        }
        guard let issuer = document.text("issuer") else { throw failure(.noIssuer) }
        guard Self.withoutSlash(issuer) == Self.withoutSlash(expected) else {
            throw failure(.otherIssuer(VisibleText.line(issuer)))
        }
        func endpoint(_ name: String) throws(LoginError) -> WebAddress {
            guard let address = document.text(name).flatMap({ WebAddress($0) }) else {
                throw failure(.noAddress(name))
            }
            return address
        }
        self.issuer = issuer
        authorizationEndpoint = try endpoint("authorization_endpoint")
        tokenEndpoint = try endpoint("token_endpoint")
    }

    private static func withoutSlash(_ text: String) -> Substring {
        text.hasSuffix("/") ? text.dropLast() : text[...]
    }
}
