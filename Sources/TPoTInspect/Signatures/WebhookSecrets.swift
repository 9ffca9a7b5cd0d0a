import TPoTCapture
import TPoTWire

/// The secrets of webhooks, several for each provider: Stripe has one for each endpoint. Any of them may match.
///
/// Its description tells how many there are, and never which.
package struct WebhookSecrets: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The most bytes of a file.
    package static let fileLimit = 65_536
    /// The most secrets of one provider. Each one costs a hash of the body.
    package static let limit = 32

    private var secrets: [SignatureScheme: [WebhookSecret]] = [:]

    package init() {}

    package var isEmpty: Bool { secrets.isEmpty }

    /// Those with a secret.
    package var schemes: Set<SignatureScheme> { Set(SignatureScheme.allCases.filter { !keys(of: $0).isEmpty }) }

    package func count(of scheme: SignatureScheme) -> Int { keys(of: scheme).count }

    func keys(of scheme: SignatureScheme) -> [WebhookSecret.Key] {
        // Svix and Standard Webhooks are one scheme with two sets of names, and some providers send both.
        let schemes: [SignatureScheme] =
            switch scheme {
            case .standardWebhooks: [.standardWebhooks, .svix]
            case .svix: [.svix, .standardWebhooks]
            default: [scheme]
            }
        return schemes.flatMap { secrets[$0] ?? [] }.map(\.key)
    }

    // MARK: Sources

    /// Adds the secrets of a file: `{"stripe": ["whsec_…", "whsec_…"], "github": "…"}`. A name that does not begin with a
    /// letter is a comment.
    /// - Parameter path: names the file in errors.
    package mutating func add(file text: String, path: String) throws(WebhookSecretsError) {
        let object: JSONObject
        let lines: [String: Int]
        do throws(JSONError) {
            (object, lines) = try JSONParser.object(text)
        } catch {
            // This reason would quote a text, which may be a secret.
            let quotes = error.reason.hasPrefix("a colon is expected after")
            let reason = quotes ? "a colon is expected after a name" : error.reason
            throw WebhookSecretsError(
                place: "\(path), line \(error.line)",
                reason: "\(reason); write {\"stripe\": [\"whsec_…\"], \"github\": \"…\"}"
            )
        }
        for (name, value) in object.members where name.first?.isLetter == true {
            let place = "\(path), line \(lines[name] ?? 1)"
            // The name is not quoted: it is a secret if name and secret were confused.
            guard let scheme = SignatureScheme(settingName: name) else {
                throw WebhookSecretsError(place: place, reason: "this name is no provider; write \(Self.names)")
            }
            let values: [JSONValue] = if case .array(let values) = value { values } else { [value] }
            for value in values {
                guard case .string(let text) = value else {
                    throw WebhookSecretsError(
                        place: place,
                        reason: "\(scheme.settingName) is \(value.kindName); write a text in quotes, or a list of them"
                    )
                }
                try add(text, of: scheme, place: place)
            }
        }
    }

    /// The beginning of the variables with secrets: `TPOT_WEBHOOK_SECRET_STRIPE`.
    package static let environmentPrefix = "TPOT_WEBHOOK_SECRET_"

    /// Adds the secrets of variables. A variable holds one secret on each line. An empty one counts as not set.
    package mutating func add(environment: [String: String]) throws(WebhookSecretsError) {
        for (name, value) in environment.sorted(by: { $0.key < $1.key })
        where name.hasPrefix(Self.environmentPrefix) && !value.isEmpty {
            guard let scheme = SignatureScheme(settingName: String(name.dropFirst(Self.environmentPrefix.count))) else {
                throw WebhookSecretsError(
                    place: name,
                    reason: "this is no provider; after \(Self.environmentPrefix) write one of \(Self.names)"
                )
            }
            try add(lines: value, of: scheme, place: name)
        }
    }

    /// A value of the option, `stripe=@FILE`.
    /// - Parameter name: of the option, for errors.
    package static func option(
        _ value: String,
        name: String
    ) throws(WebhookSecretsError) -> (scheme: SignatureScheme, path: String) {
        let provider = value.prefix { $0 != "=" }
        // Nothing of the value is quoted: it may be a secret.
        guard let scheme = SignatureScheme(settingName: String(provider)) else {
            throw WebhookSecretsError(
                place: name,
                reason: "the value does not begin with a provider; write stripe=@FILE, with one of \(names)"
            )
        }
        let file = value.dropFirst(provider.count + 1)
        guard file.first == "@", file.count > 1 else {
            throw WebhookSecretsError(
                place: name,
                reason: "other users can read what stands in a command; write the secret into a file, and"
                    + " \(scheme.settingName)=@FILE"
            )
        }
        return (scheme, String(file.dropFirst()))
    }

    /// Adds the secrets of a text, one on each line. Blanks around them are removed, because they are invisible.
    /// - Parameter place: the file or variable, for errors.
    package mutating func add(
        lines text: String,
        of scheme: SignatureScheme,
        place: String
    ) throws(WebhookSecretsError) {
        var lines = text.split(whereSeparator: \.isNewline).map(Self.trimmed).filter { !$0.isEmpty }
        // The lines of a PEM file are one key.
        if scheme == .sendGrid, lines.first?.hasPrefix("-----BEGIN") == true {
            lines = [lines.filter { !$0.hasPrefix("-----") }.joined()]
        }
        guard !lines.isEmpty else {
            throw WebhookSecretsError(place: place, reason: "it is empty; write one secret on each line")
        }
        for line in lines { try add(line, of: scheme, place: place) }
    }

    private mutating func add(_ text: String, of scheme: SignatureScheme, place: String) throws(WebhookSecretsError) {
        do throws(WebhookSecret.Unusable) {
            secrets[scheme, default: []].append(try WebhookSecret(text, of: scheme))
        } catch {
            throw WebhookSecretsError(place: place, reason: "\(scheme.settingName): \(error.reason)")
        }
        guard count(of: scheme) <= Self.limit else {
            throw WebhookSecretsError(
                place: place,
                reason: "\(scheme.settingName) has more than \(Self.limit) secrets; keep those that are in use"
            )
        }
    }

    private static func trimmed(_ line: Substring) -> String {
        let isBlank: (Unicode.Scalar) -> Bool = { $0 == "\u{feff}" || $0.properties.isWhitespace }
        let scalars = line.unicodeScalars.drop(while: isBlank)
        guard let last = scalars.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(scalars[...last])
    }

    /// All names, for errors.
    private static let names = SignatureScheme.allCases.filter { $0 != .sns }.map(\.settingName).joined(separator: ", ")

    // MARK: Description

    package var description: String {
        let count = secrets.values.reduce(0) { $0 + $1.count }
        return count == 1 ? "1 secret" : "\(count) secrets"
    }

    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension SignatureScheme {
    /// The name in settings: `stripe`, `github`, `standard-webhooks`.
    package var settingName: String {
        self == .standardWebhooks ? "standard-webhooks" : rawValue.lowercased()
    }

    /// In any case, and with hyphens, underscores or neither.
    init?(settingName: String) {
        let letters = settingName.lowercased().filter { $0 != "-" && $0 != "_" }
        guard let scheme = Self.allCases.first(where: { $0.rawValue.lowercased() == letters }) else { return nil }
        self = scheme
    }
}
