import TPoTCapture
import TPoTWire

/// Signs requests anew that are sent again, as their provider would do it now.
///
/// Only what the provider itself had signed gets a new signature: tpot must not vouch for what anyone sent to a public URL.
package struct ReplaySigning: Sendable {
    private let secrets: WebhookSecrets

    /// Nil if no secret is known.
    package init?(_ secrets: WebhookSecrets) {
        guard !secrets.isEmpty else { return nil }
        self.secrets = secrets
    }

    /// Whether ``signed(_:of:publicURL:at:)`` makes a signature, as far as can be told at once.
    package func canSign(_ exchange: CapturedExchange) -> Bool {
        guard let scheme = exchange.row.delivery?.signature, scheme.canSign, exchange.row.signature?.isAuthentic ?? true
        else { return false }
        guard secrets.keys(of: scheme).contains(where: \.isHMAC) else { return false }
        return scheme != .gitLab || WebhookRequest(exchange).has("webhook-signature")
    }

    /// - Parameters:
    ///   - request: as it is to be sent, whole.
    ///   - exchange: what it sends again.
    /// - Returns: nil if the signature stays as it is: because nothing had been signed, or because `request` has another
    ///   signature than `exchange`, which the user then wrote.
    package func signed(
        _ request: [UInt8],
        of exchange: CapturedExchange,
        publicURL: String?,
        at unixNanoseconds: Int64
    ) throws(SigningRefusal) -> [UInt8]? {
        guard canSign(exchange), let scheme = exchange.row.delivery?.signature else { return nil }
        let original = WebhookRequest(exchange, publicURL: publicURL)
        if exchange.row.signature == nil {
            let verdict = scheme.verify(original, secrets: secrets, at: exchange.row.unixNanoseconds)
            guard verdict.isAuthentic else { return nil }
        }
        let new = WebhookRequest(bytes: request, publicURL: publicURL)
        guard new.signatureFields(of: scheme) == original.signatureFields(of: scheme) else { return nil }
        let signature = try scheme.sign(new, secrets: secrets, at: unixNanoseconds, original: original)
        return signature.isEmpty ? nil : signature.applied(to: request)
    }

    /// How old a request's signature is, in seconds. Nil if its provider's library would not mind.
    package static func age(
        of exchange: CapturedExchange,
        at unixNanoseconds: Int64
    ) -> (seconds: Int64, allowed: Int64)? {
        guard let scheme = exchange.row.delivery?.signature,
            let claim = try? scheme.claim(of: WebhookRequest(exchange), keys: []),
            case .tooOld(let seconds, let allowed) = claim.verdict(at: unixNanoseconds)
        else { return nil }
        return (seconds, allowed)
    }
}

extension SignatureScheme {
    /// The headers that a new signature changes, in lower case.
    var fieldNames: Set<String> {
        switch self {
        case .stripe: ["stripe-signature"]
        case .gitHub: ["x-hub-signature-256", "x-hub-signature"]
        case .gitLab, .standardWebhooks, .svix:
            ["webhook-timestamp", "webhook-signature", "svix-timestamp", "svix-signature"]
        case .shopify: ["x-shopify-hmac-sha256"]
        case .slack: ["x-slack-request-timestamp", "x-slack-signature"]
        case .twilio: [TwilioSignature.name.lowercased()]
        case .linear: [LinearSignature.name.lowercased(), LinearSignature.timeName.lowercased()]
        case .paddle: ["paddle-signature"]
        case .mailgun, .sendGrid, .discord, .telegram, .sns: []
        }
    }

    /// The content without what a new signature changes in it. Nil if the signature is in headers alone.
    func unsigned(_ content: [UInt8]) -> [UInt8]? {
        let json: JSONFields
        switch self {
        case .mailgun:
            let places: Set = [
                MailgunSignature.place, MailgunSignature.parentPlace, MailgunSignature.timePlace,
            ]
            json = JSONFields(content, wanted: places, limit: .max)
        case .linear: json = LinearSignature.json(content)
        default: return nil
        }
        return content.replacing(json.ranges.values.map { ($0, "0") })
    }
}

extension WebhookRequest {
    fileprivate func signatureFields(of scheme: SignatureScheme) -> [[UInt8]] {
        let names = scheme.fieldNames
        return HTTPText.fieldLines(head).map(Array.init).filter { names.contains(SignatureScheme.name(of: $0)) }
    }
}

extension SignatureScheme {
    /// The name in a line of a head, in lower case.
    static func name(of line: some Sequence<UInt8>) -> String {
        String(decoding: line.prefix { $0 != UInt8(ascii: ":") }.map(\.lowercasedASCII), as: UTF8.self)
    }
}
