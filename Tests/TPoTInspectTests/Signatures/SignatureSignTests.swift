import TPoTCapture
import TPoTInspect
import TestSupport
import Testing

@Suite struct SignatureSignTests {
    private static let later: Int64 = 1_800_000_000
    private static let signable = SignedSample.all.filter { $0.scheme.canSign && !$0.secret.hasPrefix("whpk_") }

    private static func signed(
        _ sample: SignedSample,
        original: SignedSample? = nil,
        secrets: WebhookSecrets? = nil
    ) throws -> [UInt8] {
        let secrets = try secrets ?? sample.secrets
        let new = try sample.scheme.sign(
            sample.request,
            secrets: secrets,
            at: later * 1_000_000_000,
            original: original?.request
        )
        return new.applied(to: sample.bytes)
    }

    private static func verdict(_ bytes: [UInt8], _ sample: SignedSample) throws -> SignatureVerdict {
        sample.scheme.verify(
            WebhookRequest(bytes: bytes, publicURL: sample.publicURL),
            secrets: try sample.secrets,
            at: later * 1_000_000_000
        )
    }

    @Test(arguments: signable) func aDeliverySignedAnewIsValid(_ sample: SignedSample) throws {
        #expect(try Self.verdict(Self.signed(sample), sample) == .valid)
    }

    @Test(arguments: signable) func anEditedDeliverySignedAnewIsValid(_ sample: SignedSample) throws {
        var edited = sample
        edited.body += " "
        let bytes = try Self.signed(edited, original: sample)
        #expect(try Self.verdict(bytes, sample) == .valid)
        #expect(text(bytes).hasSuffix(" "))
    }

    @Test(arguments: signable) func nothingElseChanges(_ sample: SignedSample) throws {
        let names = ["signature", "timestamp", "hmac", "content-length"]
        func rest(_ bytes: [UInt8]) -> [String] {
            text(bytes).split(separator: "\r\n").map(String.init).filter { line in
                !names.contains { line.lowercased().contains($0) }
            }
        }
        #expect(try rest(Self.signed(sample)) == rest(sample.bytes))
    }

    @Test func theProvidersOwnSignatureComesOut() throws {
        // Signed at the time of the original, the signature is the one that the provider made.
        for title in ["Slack, docs", "Svix, docs", "Paddle, library", "Shopify", "Twilio, with the port", "Mailgun"] {
            let sample = try SignedSample.named(title)
            let new = try sample.scheme.sign(
                sample.request,
                secrets: sample.secrets,
                at: sample.seconds * 1_000_000_000
            )
            let bytes = text(new.applied(to: sample.bytes))
            #expect(bytes == text(sample.bytes).replacing(";h2=x", with: ""))
        }
    }

    @Test func theSecretOfTheOriginalIsTaken() throws {
        let sample = try SignedSample.named("Stripe")
        let secrets = try SignedSample.secrets(["whsec_other", sample.secret, "whsec_third"], .stripe)
        var edited = sample
        edited.body = "{}"
        #expect(try Self.verdict(Self.signed(edited, original: sample, secrets: secrets), sample) == .valid)
        // Without the original nothing tells which one it was.
        #expect(try Self.verdict(Self.signed(edited, secrets: secrets), sample) == .mismatch)
    }

    @Test func twilioGetsTheHashOfAnEditedBody() throws {
        var edited = try SignedSample.named("Twilio, JSON")
        edited.body = "{}"
        let new = try edited.scheme.sign(edited.request, secrets: edited.secrets, at: 0)
        #expect(
            new.target.map { text($0) } == "/myapp.php?foo=1&bar=2&bodySHA256="
                + "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
        )
    }

    @Test func twilioSignsTheURLThatTheOriginalHad() throws {
        let sample = try SignedSample.named("Twilio, docs")
        let original = WebhookRequest(
            bytes: Array(text(sample.bytes).replacing("hooks.example.com", with: "mycompany.com").utf8)
        )
        // The replay goes to the target.
        let replay = WebhookRequest(
            bytes: Array(text(sample.bytes).replacing("hooks.example.com", with: "a:8080").utf8)
        )
        let new = try SignatureScheme.twilio.sign(replay, secrets: sample.secrets, at: 0, original: original)
        #expect(new.fields.map(\.value) == ["RSOYDt4T1cUTdK1PDd93/VVr8B8="])
    }

    @Test func tokensStay() throws {
        for title in ["Telegram", "GitLab, secret token"] {
            let sample = try SignedSample.named(title)
            #expect(try sample.scheme.sign(sample.request, secrets: WebhookSecrets(), at: 0).isEmpty)
        }
    }

    @Test func whatOnlyTheProviderSignsIsRefused() throws {
        for title in ["Discord", "SendGrid, library", "Standard Webhooks, asymmetric"] {
            let sample = try SignedSample.named(title)
            #expect(throws: SigningRefusal.onlyProviderSigns) {
                try sample.scheme.sign(sample.request, secrets: sample.secrets, at: 0)
            }
        }
    }

    @Test func whatIsNeededIsNamed() throws {
        let sample = try SignedSample.named("Svix, docs")
        #expect(throws: SigningRefusal.noSecret) {
            try sample.scheme.sign(sample.request, secrets: WebhookSecrets(), at: 0)
        }
        #expect(throws: SigningRefusal.missing("svix-id")) {
            try sample.scheme.sign(sample.with("svix-id", nil).request, secrets: sample.secrets, at: 0)
        }
        let part = WebhookRequest(head: sample.request.head, body: [], isWhole: false)
        #expect(throws: SigningRefusal.partOfBody) {
            try sample.scheme.sign(part, secrets: sample.secrets, at: 0)
        }
    }

    @Test func aMissingSignatureIsAdded() throws {
        let sample = try SignedSample.named("Stripe")
        #expect(try Self.verdict(Self.signed(sample.with("Stripe-Signature", nil)), sample) == .valid)
    }

    @Test func oldGitHubSignaturesAreReplacedToo() throws {
        let sample = try SignedSample.named("GitHub, docs").with("X-Hub-Signature", "sha1=00")
        #expect(
            try text(Self.signed(sample)).contains("X-Hub-Signature: sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59\r\n")
        )
    }

    @Test func headersKeepTheirSpellingAndPlace() throws {
        let request = Array(
            "POST / HTTP/1.1\r\nHost: a\r\nPADDLE-signature:\tts=1;\r\n h1=00\r\nPaddle-Signature: x\r\nA: 1\r\n\r\n{}"
                .utf8
        )
        var secrets = WebhookSecrets()
        try secrets.add(lines: "s", of: .paddle, place: "test")
        let new = try SignatureScheme.paddle.sign(WebhookRequest(bytes: request), secrets: secrets, at: 0)
        let value = try #require(new.fields.first?.value)
        #expect(
            text(new.applied(to: request))
                == "POST / HTTP/1.1\r\nHost: a\r\nPADDLE-signature: \(value)\r\nA: 1\r\n\r\n{}"
        )
    }

    @Test func aBodyInChunksIsSentInOne() throws {
        let sample = try SignedSample.named("Mailgun")
        let size = String(sample.body.utf8.count, radix: 16)
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        let request = Array("\(head)\(size)\r\n\(sample.body)\r\n0\r\n\r\n".utf8)
        let new = try SignatureScheme.mailgun.sign(
            WebhookRequest(bytes: request),
            secrets: sample.secrets,
            at: Self.later * 1_000_000_000
        )
        let bytes = new.applied(to: request)
        #expect(text(bytes).hasPrefix("\(head)\(size)\r\n"))
        #expect(text(bytes).contains(#""timestamp": "1800000000""#))
        #expect(text(bytes).contains("1700000000.25"))
        #expect(try Self.verdict(bytes, sample) == .valid)
    }
}
