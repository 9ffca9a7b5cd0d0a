import NIOCore
import TPoTCapture
import TPoTInspect
import TestSupport
import Testing

@Suite struct SignatureVerifyTests {
    private static let timed: [(String, past: Int64, future: Int64?)] = [
        ("Stripe", 300, nil), ("Slack, docs", 300, 300), ("Standard Webhooks, library", 300, 300),
        ("Standard Webhooks, asymmetric", 300, 300), ("Svix, docs", 300, 300), ("GitLab, signing token", 300, 300),
        ("Paddle, library", 5, nil), ("Linear", 60, 60),
    ]

    @Test(arguments: SignedSample.all) func aSignedDeliveryIsValid(_ sample: SignedSample) throws {
        #expect(try sample.verdict() == .valid)
        #expect(try sample.verdict(isEdited: true) == .valid)
    }

    @Test(arguments: SignedSample.all) func anotherSecretDoesNotMatch(_ sample: SignedSample) throws {
        var other = sample
        other.secret = sample.otherSecret
        #expect(try other.verdict() == .mismatch)
        #expect(try other.verdict(isEdited: true) == .editedHere)
    }

    @Test(arguments: SignedSample.all) func anyOfSeveralSecretsMayMatch(_ sample: SignedSample) throws {
        let secrets = try SignedSample.secrets([sample.otherSecret, sample.secret], sample.scheme)
        #expect(sample.scheme.verify(sample.request, secrets: secrets, at: sample.seconds * 1_000_000_000) == .valid)
    }

    @Test(arguments: SignedSample.all) func aChangedBodyDoesNotMatch(_ sample: SignedSample) throws {
        var changed = sample
        changed.body += " "
        #expect(try changed.verdict() == (sample.isBodySigned ? .mismatch : .valid))
    }

    @Test(arguments: SignedSample.all) func withoutASecretNothingIsChecked(_ sample: SignedSample) {
        let verdict = sample.scheme.verify(sample.request, secrets: WebhookSecrets(), at: 0)
        #expect(verdict == .noSecret)
    }

    @Test(arguments: timed) func aSignatureAges(_ title: String, past: Int64, future: Int64?) throws {
        let sample = try SignedSample.named(title)
        #expect(try sample.verdict(after: past) == .valid)
        #expect(
            try sample.verdict(after: past + 1000)
                == .tooOld(seconds: past + 1000 - (title == "Linear" ? 1 : 0), allowed: past)
        )
        let ahead = try sample.verdict(after: -1000)
        if let future { #expect(ahead == .inFuture(seconds: 1000, allowed: future)) } else { #expect(ahead == .valid) }
    }

    @Test func othersDoNotAge() throws {
        let timed = Self.timed.map(\.0)
        for sample in SignedSample.all where !timed.contains(sample.title) {
            #expect(try sample.verdict(after: 1_000_000) == .valid)
        }
    }

    @Test(arguments: SignedSample.all) func aMissingSignatureIsNamed(_ sample: SignedSample) throws {
        var bare = sample
        bare.fields.removeAll { $0.lowercased().contains("signature") || $0.contains("Token") || $0.contains("Hmac") }
        if sample.scheme == .mailgun { bare.body = "{}" }
        guard case .missing(let name) = try bare.verdict() else {
            Issue.record("\(try bare.verdict())")
            return
        }
        #expect(
            sample.fields.contains { $0.hasPrefix(name) } || name == "signature.signature" || name == "X-Gitlab-Token"
        )
    }

    @Test(arguments: [
        ("Stripe", "Stripe-Signature", "v1=f7552469b6120a94cb0108d23c4f1f24bfdff890ff6b8d765589e3540da9297d"),
        ("Stripe", "Stripe-Signature", "t=1700000000"),
        ("Stripe", "Stripe-Signature", "t=1700000000,v1=f755"),
        ("Stripe", "Stripe-Signature", "t=-1,v1=f7552469b6120a94cb0108d23c4f1f24bfdff890ff6b8d765589e3540da9297d"),
        ("Stripe", "Stripe-Signature", "t=99999999999999999999,v1=zz"),
        ("Stripe", "Stripe-Signature", "=,=,,,=\u{e4}"),
        ("GitHub, docs", "X-Hub-Signature-256", "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"),
        ("GitHub, docs", "X-Hub-Signature-256", "sha256="),
        ("GitHub, docs", "X-Hub-Signature-256", "sha256=" + String(repeating: "\u{664}", count: 32)),
        ("Slack, docs", "X-Slack-Signature", "v1=00"),
        ("Slack, docs", "X-Slack-Request-Timestamp", "yesterday"),
        ("Shopify", "X-Shopify-Hmac-Sha256", "%%%"),
        ("Standard Webhooks, library", "webhook-signature", "v1 v1, ,v1 v3,AAAA"),
        ("Svix, docs", "svix-timestamp", "1e9"),
        ("Twilio, docs", "X-Twilio-Signature", "\u{1f600}"),
        ("Paddle, library", "Paddle-Signature", "ts=1698796800"),
        ("Linear", "Linear-Signature", "0"),
        ("Discord", "X-Signature-Ed25519", "00ff"),
        ("SendGrid, library", "X-Twilio-Email-Event-Webhook-Signature", "***"),
    ])
    func aMalformedHeaderIsNamed(_ title: String, _ name: String, _ value: String) throws {
        let sample = try SignedSample.named(title).with(name, value)
        #expect(try sample.verdict() == .malformed(name))
    }

    @Test(arguments: SignedSample.all) func hugeAndRepeatedHeadersAreRefused(_ sample: SignedSample) throws {
        for field in sample.fields where !field.hasPrefix("Content-Type") && !field.hasPrefix("X-Gitlab-Event") {
            let name = String(field.prefix { $0 != ":" })
            let huge = sample.with(name, String(repeating: "v1,AAAA v1=00,h1=00;", count: 10_000))
            #expect(try huge.verdict() == .malformed(name))
            var twice = sample
            twice.fields.append(field)
            #expect(try twice.verdict() == .malformed(name))
        }
    }

    @Test func onlyTheFirstSignaturesCount() throws {
        let sample = try SignedSample.named("Standard Webhooks, library")
        let right = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        let many = Array(repeating: "v1,AAAA", count: 15)
        #expect(try sample.with("webhook-signature", (many + [right]).joined(separator: " ")).verdict() == .valid)
        #expect(
            try sample.with("webhook-signature", (many + ["v1,AAAA", right]).joined(separator: " ")).verdict()
                == .mismatch
        )
    }

    @Test func aForgedEllipticSignatureIsNoFault() throws {
        let sample = try SignedSample.named("SendGrid, library")
        let forged = sample.with("X-Twilio-Email-Event-Webhook-Signature", "MEUCIGHQ")
        #expect(try forged.verdict() == .mismatch)
    }

    @Test func aPublicKeyDoesNotCheckWhatASecretMade() throws {
        var sample = try SignedSample.named("Standard Webhooks, library")
        sample.secret = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="
        #expect(try sample.verdict() == .noSecret)
    }

    @Test func svixAndStandardWebhooksShareSecrets() throws {
        let sample = try SignedSample.named("Svix, docs")
        let secrets = try SignedSample.secrets([sample.secret], .standardWebhooks)
        #expect(sample.scheme.verify(sample.request, secrets: secrets, at: sample.seconds * 1_000_000_000) == .valid)
    }

    @Test func gitLabIsCheckedByWhatIsKnown() throws {
        var sample = try SignedSample.named("GitLab, signing token")
        sample.fields.append("X-Gitlab-Token: letmein")
        #expect(try sample.verdict() == .valid)
        sample.secret = "letmein"
        #expect(try sample.verdict() == .valid)
        sample.secret = "another"
        #expect(try sample.verdict() == .mismatch)
    }

    @Test func twilioSignsThePublicURL() throws {
        var sample = try SignedSample.named("Twilio, docs")
        sample.publicURL = nil
        #expect(try sample.verdict() == .mismatch)
        let head = text(sample.bytes).replacing("hooks.example.com", with: "mycompany.com")
        let request = WebhookRequest(bytes: Array(head.utf8))
        #expect(SignatureScheme.twilio.verify(request, secrets: try sample.secrets, at: 0) == .valid)
        let bare = WebhookRequest(bytes: Array(head.replacing("Host: mycompany.com\r\n", with: "").utf8))
        #expect(SignatureScheme.twilio.verify(bare, secrets: try sample.secrets, at: 0) == .cannotTell(.unknownURL))
    }

    @Test func chunksAreNoPartOfTheContent() throws {
        let sample = try SignedSample.named("GitHub, docs")
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\(sample.fields[0])\r\n\r\n"
        let whole = WebhookRequest(bytes: Array((head + "5\r\nHello\r\n8;x\r\n, World!\r\n0\r\nT: 1\r\n\r\n").utf8))
        #expect(SignatureScheme.gitHub.verify(whole, secrets: try sample.secrets, at: 0) == .valid)
        let cut = WebhookRequest(bytes: Array((head + "5\r\nHello\r\n").utf8))
        #expect(SignatureScheme.gitHub.verify(cut, secrets: try sample.secrets, at: 0) == .cannotTell(.partOfBody))
    }

    @Test func ofAPartOfABodyNothingCanBeTold() throws {
        let sample = try SignedSample.named("GitHub, docs")
        let store = testStore()
        var transcript = Transcript()
        transcript.open()
        transcript.request(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 13\r\n\(sample.fields[0])",
            body: "Hello",
            ends: false
        )
        store.consume(&transcript)
        let early = WebhookRequest(try #require(store.detail(1)))
        #expect(SignatureScheme.gitHub.verify(early, secrets: try sample.secrets, at: 0) == .cannotTell(.partOfBody))
        transcript.add(.requestBody(.bytes(ByteBuffer(string: ", World!"))))
        transcript.add(.requestEnd)
        store.consume(&transcript)
        let whole = WebhookRequest(try #require(store.detail(1)))
        #expect(SignatureScheme.gitHub.verify(whole, secrets: try sample.secrets, at: 0) == .valid)
    }

    @Test func messagesOfSNSAreNotChecked() {
        let request = WebhookRequest(bytes: Array("POST / HTTP/1.1\r\nHost: a\r\n\r\n{}".utf8))
        #expect(SignatureScheme.sns.verify(request, secrets: WebhookSecrets(), at: 0) == .cannotTell(.unsupported))
    }
}
