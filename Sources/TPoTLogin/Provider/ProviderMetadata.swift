import TPoTWire

/// The part of an identity provider's metadata that a login needs (OpenID Connect Discovery 1.0 section 4).
struct ProviderMetadata: Hashable, Sendable {
    var issuer: String
    var authorizationEndpoint: WebAddress
    var tokenEndpoint: WebAddress

    /// The address of the provider's metadata.
    static func address(issuer: String) -> WebAddress? {
        WebAddress(withoutSlash(issuer) + "/.well-known/openid-configuration")
    }

    /// - Parameter expected: the issuer that was asked. Servers 0.3.0 announce the URL below which the document is
    ///   found. It may differ from the issuer in its final slash; otherwise both must be equal (section 4.3).
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
