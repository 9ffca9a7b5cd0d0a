import TPoTCapture
import TPoTInspect
import Testing

/// Deliveries with signatures that other implementations made: those of the providers' documentation and libraries where
/// these publish one, else Python's `hmac` and `cryptography`.
struct SignedSample: Sendable, CustomTestStringConvertible {
    var scheme: SignatureScheme
    var title: String
    var secret: String
    /// Unix time of the signature.
    var seconds: Int64
    var target = "/webhooks"
    var fields: [String]
    var body: String
    /// The body is part of what is signed.
    var isBodySigned = true
    var publicURL: String?

    var testDescription: String { title }

    var secrets: WebhookSecrets { get throws { try Self.secrets([secret], scheme) } }

    static func secrets(_ texts: [String], _ scheme: SignatureScheme) throws -> WebhookSecrets {
        var secrets = WebhookSecrets()
        for text in texts { try secrets.add(lines: text, of: scheme, place: "test") }
        return secrets
    }

    var bytes: [UInt8] {
        let lines =
            ["POST \(target) HTTP/1.1", "Host: hooks.example.com"] + fields + ["Content-Length: \(body.utf8.count)"]
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
    }

    var request: WebhookRequest { WebhookRequest(bytes: bytes, publicURL: publicURL) }

    func verdict(after seconds: Int64 = 0, isEdited: Bool = false) throws -> SignatureVerdict {
        scheme.verify(
            request,
            secrets: try secrets,
            at: (self.seconds + seconds) * 1_000_000_000,
            isEdited: isEdited
        )
    }

    /// With another value of a header; nil removes it.
    func with(_ name: String, _ value: String?) -> SignedSample {
        var sample = self
        sample.fields.removeAll { $0.lowercased().hasPrefix(name.lowercased() + ":") }
        if let value { sample.fields.append("\(name): \(value)") }
        return sample
    }

    static func named(_ title: String) throws -> SignedSample { try #require(all.first { $0.title == title }) }

    private static let event = #"{"id": "evt_1", "amount": 4711, "name": "Zoë"}"#
    private static let twilioForm =
        "CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309&To=%2B18005551212"
        + "&Caller=%2B14158675309"
    private static let form = "Content-Type: application/x-www-form-urlencoded"
    private static let standardSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    static let all: [SignedSample] = [
        SignedSample(
            scheme: .stripe,
            title: "Stripe",
            secret: "whsec_first",
            seconds: 1_700_000_000,
            fields: [
                "Stripe-Signature: t=1700000000,v1=f7552469b6120a94cb0108d23c4f1f24bfdff890ff6b8d765589e3540da9297d,v0=6f"
            ],
            body: event
        ),
        SignedSample(
            scheme: .gitHub,
            title: "GitHub, docs",
            secret: "It's a Secret to Everybody",
            seconds: 1_700_000_000,
            fields: ["X-Hub-Signature-256: sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"],
            body: "Hello, World!"
        ),
        SignedSample(
            scheme: .slack,
            title: "Slack, docs",
            secret: "8f742231b10e8888abcd99yyyzzz85a5",
            seconds: 1_531_420_618,
            fields: [
                form, "X-Slack-Request-Timestamp: 1531420618",
                "X-Slack-Signature: v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
            ],
            body: "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
                + "&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
                + "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554"
                + "%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
        ),
        SignedSample(
            scheme: .shopify,
            title: "Shopify",
            secret: "hush",
            seconds: 1_700_000_000,
            fields: ["X-Shopify-Hmac-Sha256: mIlGaUmODoIe/ReC3Q3d9zEGzpe2K6ThaYlUnDGyXbY="],
            body: event
        ),
        SignedSample(
            scheme: .standardWebhooks,
            title: "Standard Webhooks, library",
            secret: standardSecret,
            seconds: 1_614_265_330,
            fields: [
                "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp: 1614265330",
                "webhook-signature: v1,bm90aGluZw== v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v2,x",
            ],
            body: #"{"test": 2432232314}"#
        ),
        SignedSample(
            scheme: .standardWebhooks,
            title: "Standard Webhooks, asymmetric",
            secret: "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=",
            seconds: 1_614_265_330,
            fields: [
                "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp: 1614265330",
                "webhook-signature: v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM"
                    + "+m7TBAg==",
            ],
            body: #"{"test": 2432232314}"#
        ),
        SignedSample(
            scheme: .svix,
            title: "Svix, docs",
            secret: standardSecret,
            seconds: 1_614_265_330,
            fields: [
                "svix-id: msg_p5jXN8AQM9LWM0D4loKWxJek", "svix-timestamp: 1614265330",
                "svix-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ],
            body: #"{"test": 2432232314}"#
        ),
        SignedSample(
            scheme: .twilio,
            title: "Twilio, docs",
            secret: "12345",
            seconds: 1_700_000_000,
            target: "/myapp.php?foo=1&bar=2",
            fields: [form, "X-Twilio-Signature: RSOYDt4T1cUTdK1PDd93/VVr8B8="],
            body: twilioForm,
            publicURL: "https://mycompany.com"
        ),
        SignedSample(
            scheme: .twilio,
            title: "Twilio, with the port",
            secret: "12345",
            seconds: 1_700_000_000,
            target: "/myapp.php?foo=1&bar=2",
            fields: [form, "X-Twilio-Signature: kvajT1Ptam85bY51eRf/AJRuM3w="],
            body: twilioForm,
            publicURL: "https://mycompany.com/"
        ),
        SignedSample(
            scheme: .twilio,
            title: "Twilio, repeated fields",
            secret: "12345",
            seconds: 1_700_000_000,
            target: "/myapp.php?foo=1&bar=2",
            fields: [form, "X-Twilio-Signature: IK+Dwps556ElfBT0I3Rgjkr1wJU="],
            body: "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234",
            publicURL: "https://mycompany.com:443"
        ),
        SignedSample(
            scheme: .twilio,
            title: "Twilio, JSON",
            secret: "12345",
            seconds: 1_700_000_000,
            target:
                "/myapp.php?foo=1&bar=2&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620",
            fields: ["Content-Type: application/json", "X-Twilio-Signature: a9nBmqA0ju/hNViExpshrM61xv4="],
            body: #"{"property": "value", "boolean": true}"#,
            publicURL: "https://mycompany.com"
        ),
        SignedSample(
            scheme: .gitLab,
            title: "GitLab, secret token",
            secret: "letmein",
            seconds: 1_700_000_000,
            fields: ["X-Gitlab-Event: Push Hook", "X-Gitlab-Token: letmein"],
            body: event,
            isBodySigned: false
        ),
        SignedSample(
            scheme: .gitLab,
            title: "GitLab, signing token",
            secret: standardSecret,
            seconds: 1_700_000_000,
            fields: [
                "X-Gitlab-Event: Push Hook", "webhook-id: id-1", "webhook-timestamp: 1700000000",
                "webhook-signature: v1,V7LPaiPB9M3+cyZupNMSfrsenCyWxJ3FZ0C4F6dN8aw=",
            ],
            body: event
        ),
        SignedSample(
            scheme: .paddle,
            title: "Paddle, library",
            secret: "VALID_SECRET",
            seconds: 1_698_796_800,
            fields: [
                "Paddle-Signature: ts=1698796800;h1=a300428748dce5c70e4da19bffd60769591ea969c99dea3105d0ec9612cf43f9;h2=x"
            ],
            body: #"{"data": ["1", "2"]}"#
        ),
        SignedSample(
            scheme: .mailgun,
            title: "Mailgun",
            secret: "key-1",
            seconds: 1_700_000_000,
            fields: ["Content-Type: application/json"],
            body: #"{"signature": {"token": "abc123", "timestamp": "1700000000", "signature": "#
                + #""dc5c8b7ef0865b6eeee04df3abe72d23fcc56b5abbf2847088a7946f3419b006"}, "#
                + #""event-data": {"event": "opened", "timestamp": 1700000000.25}}"#,
            isBodySigned: false
        ),
        SignedSample(
            scheme: .linear,
            title: "Linear",
            secret: "lin_wh_1",
            seconds: 1_700_000_000,
            fields: ["Linear-Signature: 482399d3611dfea1986f75e3de448b885a154ffa09b6ece9f3f5bdb870f3cddf"],
            body: #"{"action": "create", "type": "Issue", "webhookTimestamp": 1700000000123}"#
        ),
        SignedSample(
            scheme: .telegram,
            title: "Telegram",
            secret: "A-z_9",
            seconds: 1_700_000_000,
            fields: ["X-Telegram-Bot-Api-Secret-Token: A-z_9"],
            body: #"{"update_id": 1}"#,
            isBodySigned: false
        ),
        SignedSample(
            scheme: .discord,
            title: "Discord",
            secret: "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8",
            seconds: 1_700_000_000,
            fields: [
                "X-Signature-Timestamp: 1700000000",
                "X-Signature-Ed25519: fa3458adf1d687b930c86dedff023ff3c64e9d2c704735e2f99b925234548c675faa22f6db699155904b"
                    + "c5018ea34b0490f6d25aa4d80e468d4fc57a70629d0c",
            ],
            body: #"{"type": 1}"#
        ),
        SignedSample(
            scheme: .sendGrid,
            title: "SendGrid, library",
            secret:
                "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVp"
                + "iglSI8eNEc6wEA3F+g==",
            seconds: 1_600_112_502,
            fields: [
                "X-Twilio-Email-Event-Webhook-Timestamp: 1600112502",
                "X-Twilio-Email-Event-Webhook-Signature: MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W"
                    + "0JuG+luQAbPIqHh89M15TluLtEZtM=",
            ],
            body: #"[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"#
                + #""ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"#
                + #""LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":"#
                + #""<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]"# + "\r\n"
        ),
    ]

    /// A secret of the right form that signed nothing.
    var otherSecret: String {
        switch scheme {
        case .standardWebhooks where secret.hasPrefix("whpk_"): "whpk_03a107bff3ce10be1d70dd18e74bc09967e4d6309b8="
        case .standardWebhooks, .svix: "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
        case .gitLab where secret.hasPrefix("whsec_"): "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
        case .discord: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
        case .sendGrid:
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqTxd43gyp8IOEto2LdIfjRQrIbsd4SXZkLW6jDutdhXSJCWHw8REntlo7aNDthvj+y7GjUuF"
                + "Db/R1NGe1OPzpA=="
        default: "another"
        }
    }
}
