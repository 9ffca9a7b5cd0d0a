import TPoTWire

/// The provider's answer, which the browser brings back.
enum CallbackAnswer: Hashable, Sendable {
    case code(String)
    /// The provider, or the user there, refused.
    case refused(LoginError.LoginRefusal)
}

/// What a request to the loopback means.
enum CallbackQuery: Hashable, Sendable {
    case answer(CallbackAnswer)
    /// The path is not that of our page.
    case elsewhere
    /// Not an answer to this login.
    case foreign

    static let path = "/callback"

    /// - Parameters:
    ///   - uri: the URI of the request line.
    ///   - state: the state that was sent with the request.
    ///   - issuer: the issuer of the provider that was asked.
    init(_ uri: String, state: String, issuer: String) {
        let parts = uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.first.map(String.init) == Self.path else {
            self = .elsewhere
            return
        }
        var fields: [String: String] = [:]
        for field in parts.dropFirst().first?.split(separator: "&") ?? [] {
            let pair = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = PercentEncoding.decode(pair[0])
            // Parameters must not occur twice (RFC 6749 section 3.1).
            guard fields[name] == nil else {
                self = .foreign
                return
            }
            fields[name] = pair.count == 2 ? PercentEncoding.decode(pair[1].replacing("+", with: " ")) : ""
        }
        guard ConstantTime.areEqual((fields["state"] ?? "").utf8, state.utf8) else {
            self = .foreign
            return
        }
        if let from = fields["iss"], from != issuer {
            // RFC 9207: the answer comes from another provider, perhaps in a mix-up attack.
            self = .answer(.refused(.otherProvider(VisibleText.line(from))))
        } else if let error = fields["error"] {
            let detail = fields["error_description"].map { ": \($0)" } ?? ""
            self = .answer(.refused(.said(VisibleText.line(error + detail))))
        } else if let code = fields["code"], !code.isEmpty {
            self = .answer(.code(code))
        } else {
            self = .foreign
        }
    }
}
