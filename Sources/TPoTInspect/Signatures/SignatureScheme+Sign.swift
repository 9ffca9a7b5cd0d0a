import Crypto
import TPoTCapture
import TPoTWire

extension SignatureScheme {
    /// Whether a new signature can be made with a secret. Discord and SendGrid keep their keys.
    package var canSign: Bool {
        switch self {
        case .discord, .sendGrid, .sns: false
        default: true
        }
    }

    /// Signs a request anew, as the provider would have done at the given time.
    ///
    /// Of several secrets it takes the one with which the original was signed, or else the first.
    /// - Parameters:
    ///   - request: with everything as it will be sent, but the signature.
    ///   - original: the request as the provider sent it; nil if `request` was not edited.
    package func sign(
        _ request: WebhookRequest,
        secrets: WebhookSecrets,
        at unixNanoseconds: Int64,
        original: WebhookRequest? = nil
    ) throws(SigningRefusal) -> NewSignature {
        guard canSign else { throw .onlyProviderSigns }
        let keys = secrets.keys(of: self)
        let isToken = self == .telegram || self == .gitLab && !request.has("webhook-signature")
        guard !isToken else { return NewSignature() }
        guard !keys.isEmpty else { throw .noSecret }
        let signing = keys.filter(\.isHMAC)
        guard !signing.isEmpty else { throw self == .gitLab ? .noSecret : .onlyProviderSigns }
        var source = original ?? request
        source.publicURL = source.publicURL ?? request.publicURL
        let match = (try? claim(of: source, keys: keys))?.match(signing)
        guard case .hmac(let key)? = match?.key ?? signing.first else { throw .noSecret }
        let signer = Signer(
            request: request,
            scheme: self,
            key: key,
            base: self == .twilio ? TwilioSignature(source).bases.dropFirst(match?.message ?? 0).first : nil,
            milliseconds: unixNanoseconds / 1_000_000
        )
        do throws(SignatureFault) {
            return try signer.signature()
        } catch {
            throw SigningRefusal(error.verdict)
        }
    }
}

extension SigningRefusal {
    fileprivate init(_ verdict: SignatureVerdict) {
        self =
            switch verdict {
            case .cannotTell(.unknownURL): .unknownURL
            case .missing(let name), .malformed(let name): .missing(name)
            default: .partOfBody
            }
    }
}

/// Makes a signature with one key.
private struct Signer {
    let request: WebhookRequest
    let scheme: SignatureScheme
    let key: SymmetricKey
    /// The URL without a path that Twilio signs; nil if it is not known.
    let base: String?
    let milliseconds: Int64

    private var seconds: String { String(milliseconds / 1000) }

    private func hex(_ message: SignatureClaim.Message, _ kind: SignatureClaim.Kind = .hmacSHA256) -> String {
        HexText.text(SignatureClaim.hmac(kind, message, key))
    }

    private func base64(_ message: SignatureClaim.Message, _ kind: SignatureClaim.Kind = .hmacSHA256) -> String {
        SignatureText.base64(SignatureClaim.hmac(kind, message, key))
    }

    func signature() throws(SignatureFault) -> NewSignature {
        var new = NewSignature()
        let body = try request.body()
        switch scheme {
        case .stripe: new.set("Stripe-Signature", "t=\(seconds),v1=\(hex(.init("\(seconds).", body)))")
        case .gitHub:
            new.set("X-Hub-Signature-256", "sha256=\(hex(.init("", body)))")
            if request.has("x-hub-signature") {
                new.set("X-Hub-Signature", "sha1=\(hex(.init("", body), .hmacSHA1))")
            }
        case .slack:
            new.set("X-Slack-Request-Timestamp", seconds)
            new.set("X-Slack-Signature", "v0=\(hex(.init("v0:\(seconds):", body)))")
        case .shopify: new.set("X-Shopify-Hmac-Sha256", base64(.init("", body)))
        case .paddle: new.set("Paddle-Signature", "ts=\(seconds);h1=\(hex(.init("\(seconds):", body)))")
        case .standardWebhooks, .svix, .gitLab: try signStandard(&new)
        case .twilio: try signTwilio(&new)
        case .mailgun: try signMailgun(&new)
        case .linear: signLinear(&new, body)
        case .telegram, .discord, .sendGrid, .sns: break
        }
        return new
    }

    private func signStandard(_ new: inout NewSignature) throws(SignatureFault) {
        let webhook = StandardWebhook(request, scheme)
        // The id stays, so that the receiver knows the delivery again.
        let id = try request.value("\(webhook.prefix)id")
        let proof = base64(try webhook.message(id: id, time: seconds))
        for prefix in webhook.prefixes {
            new.set("\(prefix)timestamp", seconds)
            new.set("\(prefix)signature", "v1,\(proof)")
        }
    }

    private func signTwilio(_ new: inout NewSignature) throws(SignatureFault) {
        let twilio = TwilioSignature(request)
        guard let base else { throw SignatureFault(.cannotTell(.unknownURL)) }
        new.target = try twilio.correctedTarget()
        let message = try twilio.message(base: base, target: new.target ?? twilio.target)
        new.set(TwilioSignature.name, base64(message, .hmacSHA1))
    }

    private func signMailgun(_ new: inout NewSignature) throws(SignatureFault) {
        let mailgun = try MailgunSignature(request)
        let token = try mailgun.value(MailgunSignature.tokenPlace)
        let proof = hex(.init(seconds + token))
        var replacements: [(range: Range<Int>, text: String)] = []
        let texts = [(MailgunSignature.timePlace, seconds), (MailgunSignature.place, proof)]
        for (place, text) in texts {
            guard let range = mailgun.json.ranges[place] else { throw SignatureFault(.missing(place)) }
            let isQuoted = mailgun.body[range.lowerBound] == UInt8(ascii: "\"")
            replacements.append((range, isQuoted ? "\"\(text)\"" : text))
        }
        // The key of the account is not known apart from that of the subaccount.
        if let range = mailgun.json.ranges[MailgunSignature.parentPlace] {
            replacements.append((range, "\"\(proof)\""))
        }
        new.content = mailgun.body.replacing(replacements)
    }

    /// The time is in the body, so it is replaced there before the body is signed.
    private func signLinear(_ new: inout NewSignature, _ body: [UInt8]) {
        var body = body
        let json = LinearSignature.json(body)
        if let range = json.ranges[LinearSignature.timePlace], body[range.lowerBound].isASCIIDigit {
            body = body.replacing([(range, String(milliseconds))])
            new.content = body
        }
        if request.has(LinearSignature.timeName.lowercased()) {
            new.set(LinearSignature.timeName, String(milliseconds))
        }
        new.set(LinearSignature.name, hex(.init("", body)))
    }
}
