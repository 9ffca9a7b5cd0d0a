import TPoTWire

/// What the identity provider sends the browser back to us with.
enum CallbackAnswer: Hashable, Sendable {
    case code(String)
    /// The provider, or the user there, said no.
    case refused(LoginError.LoginRefusal)
}

/// What a request to the loopback means.
enum CallbackQuery: Hashable, Sendable {
    case answer(CallbackAnswer)
    /// Another page than ours.
    case elsewhere
    /// Not an answer to this login.
    case foreign

    static let path = "/callback"

    /// - Parameters:
    ///   - uri: of the request line.
    ///   - state: what was sent along.
    ///   - issuer: of the provider that was asked.
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
            // RFC 9207: somebody mixes providers up, perhaps on purpose.
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
