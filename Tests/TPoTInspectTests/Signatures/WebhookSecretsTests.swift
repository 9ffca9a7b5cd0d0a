import TPoTCapture
import TPoTInspect
import Testing

@Suite struct WebhookSecretsTests {
    private static func error(_ body: (inout WebhookSecrets) throws(WebhookSecretsError) -> Void) -> String? {
        var secrets = WebhookSecrets()
        do throws(WebhookSecretsError) {
            try body(&secrets)
            return nil
        } catch {
            return error.text
        }
    }

    @Test func aFileHoldsOneOrSeveral() throws {
        var secrets = WebhookSecrets()
        try secrets.add(
            file:
                #"{"//": "a comment", "stripe": ["whsec_a", "whsec_b"], "GitHub": "s", "standard_webhooks": "c2VjcmV0"}"#,
            path: "f"
        )
        #expect(secrets.count(of: .stripe) == 2)
        #expect(secrets.count(of: .gitHub) == 1)
        #expect(secrets.count(of: .standardWebhooks) == 1)
        #expect(secrets.count(of: .slack) == 0)
    }

    @Test func variablesHoldOneOnEachLine() throws {
        var secrets = WebhookSecrets()
        try secrets.add(environment: [
            "TPOT_WEBHOOK_SECRET_STRIPE": "whsec_a\n whsec_b \n",
            "TPOT_WEBHOOK_SECRET_STANDARD_WEBHOOKS": "whsec_c2VjcmV0",
            "TPOT_WEBHOOK_SECRET_SLACK": "", "TPOT_WEBHOOK_SECRETS_FILE": "x", "HOME": "/",
        ])
        #expect(secrets.count(of: .stripe) == 2)
        #expect(secrets.count(of: .standardWebhooks) == 1)
        #expect(secrets.count(of: .slack) == 0)
    }

    @Test func theOptionNamesAFile() throws {
        let option = try WebhookSecrets.option("stripe=@/run/secrets/a=b", name: "--webhook-secret")
        #expect(option.scheme == .stripe)
        #expect(option.path == "/run/secrets/a=b")
        var secrets = WebhookSecrets()
        try secrets.add(lines: "\u{feff}whsec_a\r\n\r\nwhsec_b\r\n", of: option.scheme, place: option.path)
        #expect(secrets.count(of: .stripe) == 2)
    }

    @Test func aPEMFileIsOneKey() throws {
        let key = try SignedSample.named("SendGrid, library").secret
        let pem = "-----BEGIN PUBLIC KEY-----\n\(key.prefix(64))\n\(key.dropFirst(64))\n-----END PUBLIC KEY-----\n"
        let secrets = try SignedSample.secrets([pem], .sendGrid)
        #expect(secrets.count(of: .sendGrid) == 1)
    }

    @Test func errorsNameThePlaceAndTheWayOut() {
        #expect(
            Self.error { secrets throws(WebhookSecretsError) in
                try secrets.add(file: "{\n\"strype\": \"s\"}", path: "/f")
            }?.hasPrefix("/f, line 2: this name is no provider; write stripe, github,") == true
        )
        #expect(
            Self.error { secrets throws(WebhookSecretsError) in
                try secrets.add(file: "{\"slack\": {}}", path: "/f")
            } == "/f, line 1: slack is an object; write a text in quotes, or a list of them"
        )
        #expect(
            Self.error { secrets throws(WebhookSecretsError) in
                try secrets.add(file: "{\"discord\": \"00\"}", path: "/f")
            } == "/f, line 1: discord: this is not a public key of Discord; write the 64 hexadecimal digits of the"
                + " application"
        )
        #expect(
            Self.error { secrets throws(WebhookSecretsError) in
                try secrets.add(environment: ["TPOT_WEBHOOK_SECRET_STRIPE_FILE": "/f"])
            }?.hasPrefix("TPOT_WEBHOOK_SECRET_STRIPE_FILE: this is no provider; after TPOT_WEBHOOK_SECRET_ write")
                == true
        )
        #expect(
            Self.error { _ throws(WebhookSecretsError) in
                _ = try WebhookSecrets.option("stripe=whsec_a", name: "--webhook-secret")
            } == "--webhook-secret: other users can read what stands in a command; write the secret into a file, and"
                + " stripe=@FILE"
        )
    }

    @Test func nothingPrintsASecret() throws {
        var secrets = WebhookSecrets()
        try secrets.add(file: #"{"stripe": "whsec_hush", "gitlab": "hush", "svix": "whsec_aHVzaGh1c2g="}"#, path: "f")
        var dumped = ""
        dump(secrets, to: &dumped)
        let texts = [dumped, "\(secrets)", String(reflecting: secrets), "\(Optional(secrets) as Any)"]
        for text in texts { #expect(!text.contains("hush") && !text.contains("104")) }
        #expect("\(secrets)" == "3 secrets")
    }

    @Test(arguments: [
        #"{"whsec_hush": "stripe"}"#, #"{"whsec_hush"}"#, #"{"discord": "hush"}"#, #"{"svix": "hush!"}"#,
        #"{"svix": "whsk_hush"}"#, #"{"sendgrid": "hush"}"#, #"{"stripe": ["hush\n"]}"#, #"{"sns": "hush"}"#,
    ])
    func errorsDoNotQuoteSecrets(_ file: String) throws {
        let error = try #require(
            Self.error { secrets throws(WebhookSecretsError) in try secrets.add(file: file, path: "f") }
        )
        #expect(!error.contains("hush"))
    }

    @Test func optionsAreNotQuotedEither() throws {
        for value in ["hush", "whsec_hush=", "stripe=hush", "stripe="] {
            let error = try #require(
                Self.error { _ throws(WebhookSecretsError) in _ = try WebhookSecrets.option(value, name: "-w") }
            )
            #expect(!error.contains("hush"))
        }
    }

    @Test func thereIsALimit() {
        let lines = Array(repeating: "s", count: WebhookSecrets.limit).joined(separator: "\n")
        #expect(
            Self.error { secrets throws(WebhookSecretsError) in try secrets.add(lines: lines, of: .slack, place: "f") }
                == nil
        )
        #expect(
            Self.error { secrets throws(WebhookSecretsError) in
                try secrets.add(lines: lines + "\ns", of: .slack, place: "f")
            }
                == "f: slack has more than 32 secrets; keep those that are in use"
        )
    }
}
