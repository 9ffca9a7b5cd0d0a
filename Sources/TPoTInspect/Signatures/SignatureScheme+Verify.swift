import TPoTCapture
import TPoTWire

extension SignatureScheme {
    /// Checks the signature of a request.
    ///
    /// It hashes the body once for each secret, so it is not for a thread that must not wait.
    /// - Parameters:
    ///   - unixNanoseconds: when the request arrived.
    ///   - isEdited: the request was edited here, so that a signature that does not match is no surprise.
    /// - Returns: what stands in the way first. Without a secret that is all that can be told.
    package func verify(
        _ request: WebhookRequest,
        secrets: WebhookSecrets,
        at unixNanoseconds: Int64,
        isEdited: Bool = false
    ) -> SignatureVerdict {
        do throws(SignatureFault) {
            let known = secrets.keys(of: self)
            let claim = try claim(of: request, keys: known)
            let keys = known.filter(claim.canCheck)
            guard !keys.isEmpty else { return .noSecret }
            guard claim.match(keys) != nil else { return isEdited ? .editedHere : .mismatch }
            return claim.verdict(at: unixNanoseconds)
        } catch {
            return error.verdict
        }
    }

    /// - Parameter keys: those that are known, for a provider that proves itself in two ways.
    func claim(
        of request: WebhookRequest,
        keys: [WebhookSecret.Key]
    ) throws(SignatureFault) -> SignatureClaim {
        switch self {
        case .stripe: try Self.stripe(request)
        case .gitHub: try Self.gitHub(request)
        case .slack: try Self.slack(request)
        case .shopify: try Self.shopify(request)
        case .paddle: try Self.paddle(request)
        case .discord: try Self.discord(request)
        case .sendGrid: try Self.sendGrid(request)
        case .telegram: try Self.token(request, "X-Telegram-Bot-Api-Secret-Token")
        case .gitLab:
            // A signing token, which newer versions of GitLab have, proves more than the secret token.
            if request.has("webhook-signature"), keys.contains(where: \.isHMAC) || !request.has("x-gitlab-token") {
                try StandardWebhook(request, self).claim()
            } else {
                try Self.token(request, "X-Gitlab-Token")
            }
        case .standardWebhooks, .svix: try StandardWebhook(request, self).claim()
        case .twilio: try TwilioSignature(request).claim()
        case .mailgun: try MailgunSignature(request).claim()
        case .linear: try LinearSignature(request).claim()
        // The certificate is at a URL that the message names.
        case .sns: throw SignatureFault(.cannotTell(.unsupported))
        }
    }

    // MARK: Signatures in headers

    /// docs.stripe.com/webhooks/signature: `t=1492774577,v1=…,v1=…`, hexadecimal, over `t.body`.
    private static func stripe(_ request: WebhookRequest) throws(SignatureFault) -> SignatureClaim {
        let name = "Stripe-Signature"
        let pairs = SignatureText.pairs(try request.value(name), separator: ",")
        let proofs = pairs.filter { $0.name == "v1" }.compactMap { SignatureText.hex(.hmacSHA256, $0.value, bytes: 32) }
        guard let time = pairs.first(where: { $0.name == "t" }).flatMap({ SignatureText.seconds($0.value) }),
            !proofs.isEmpty
        else { throw SignatureFault(.malformed(name)) }
        return SignatureClaim(
            proofs,
            over: [.init("\(time.text).", try request.body())],
            milliseconds: time.milliseconds,
            tolerance: .init(past: 300)
        )
    }

    /// docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries: `sha256=…`, hexadecimal, over the body.
    private static func gitHub(_ request: WebhookRequest) throws(SignatureFault) -> SignatureClaim {
        let name = "X-Hub-Signature-256"
        let value = try request.value(name)
        let prefix = Array("sha256=".utf8)
        guard value.starts(with: prefix),
            let proof = SignatureText.hex(.hmacSHA256, value.dropFirst(prefix.count), bytes: 32)
        else { throw SignatureFault(.malformed(name)) }
        return SignatureClaim([proof], over: [.init("", try request.body())])
    }

    /// docs.slack.dev/authentication/verifying-requests-from-slack: `v0=…`, hexadecimal, over `v0:time:body`.
    private static func slack(_ request: WebhookRequest) throws(SignatureFault) -> SignatureClaim {
        let name = "X-Slack-Signature"
        let value = try request.value(name)
        guard value.starts(with: Array("v0=".utf8)),
            let proof = SignatureText.hex(.hmacSHA256, value.dropFirst(3), bytes: 32)
        else { throw SignatureFault(.malformed(name)) }
        let time = try seconds(request, "X-Slack-Request-Timestamp")
        return SignatureClaim(
            [proof],
            over: [.init("v0:\(time.text):", try request.body())],
            milliseconds: time.milliseconds,
            tolerance: .fiveMinutes
        )
    }

    /// shopify.dev/docs/apps/build/webhooks/subscribe/https: base64 over the body.
    private static func shopify(_ request: WebhookRequest) throws(SignatureFault) -> SignatureClaim {
        let proof = try base64Proof(request, "X-Shopify-Hmac-Sha256", .hmacSHA256)
        return SignatureClaim([proof], over: [.init("", try request.body())])
    }

    /// developer.paddle.com/webhooks/signature-verification: `ts=1671552777;h1=…`, hexadecimal, over `ts:body`.
    private static func paddle(_ request: WebhookRequest) throws(SignatureFault) -> SignatureClaim {
        let name = "Paddle-Signature"
        let pairs = SignatureText.pairs(try request.value(name), separator: ";")
        let proofs = pairs.filter { $0.name == "h1" }.compactMap { SignatureText.hex(.hmacSHA256, $0.value, bytes: 32) }
        guard let time = pairs.first(where: { $0.name == "ts" }).flatMap({ SignatureText.seconds($0.value) }),
            !proofs.isEmpty
        else { throw SignatureFault(.malformed(name)) }
        return SignatureClaim(
            proofs,
            over: [.init("\(time.text):", try request.body())],
            milliseconds: time.milliseconds,
            tolerance: .init(past: 5)
        )
    }

    /// discord.com/developers/docs/interactions/overview: Ed25519 over time and body. The time is not looked at.
    private static func discord(_ request: WebhookRequest) throws(SignatureFault) -> SignatureClaim {
        let name = "X-Signature-Ed25519"
        guard let proof = SignatureText.hex(.ed25519, try request.value(name), bytes: 64) else {
            throw SignatureFault(.malformed(name))
        }
        let time = try request.value("X-Signature-Timestamp")
        return SignatureClaim([proof], over: [.init(bytes: time + (try request.body()))])
    }

    /// twilio.com/docs/sendgrid, security features of the Event Webhook: ECDSA over time and body.
    private static func sendGrid(_ request: WebhookRequest) throws(SignatureFault) -> SignatureClaim {
        let proof = try base64Proof(request, "X-Twilio-Email-Event-Webhook-Signature", .p256)
        let time = try request.value("X-Twilio-Email-Event-Webhook-Timestamp")
        return SignatureClaim([proof], over: [.init(bytes: time + (try request.body()))])
    }

    /// The secret itself: docs.gitlab.com/user/project/integrations/webhooks, core.telegram.org/bots/api#setwebhook
    private static func token(_ request: WebhookRequest, _ name: String) throws(SignatureFault) -> SignatureClaim {
        SignatureClaim([.init(kind: .token, bytes: try request.value(name))], over: [.init("")])
    }

    // MARK: Parts

    static func base64Proof(
        _ request: WebhookRequest,
        _ name: String,
        _ kind: SignatureClaim.Kind
    ) throws(SignatureFault) -> SignatureClaim.Proof {
        guard let proof = SignatureText.base64(kind, try request.value(name)) else {
            throw SignatureFault(.malformed(name))
        }
        return proof
    }

    static func seconds(
        _ request: WebhookRequest,
        _ name: String
    ) throws(SignatureFault) -> (text: String, milliseconds: Int64) {
        guard let time = SignatureText.seconds(try request.value(name)) else { throw SignatureFault(.malformed(name)) }
        return time
    }
}
