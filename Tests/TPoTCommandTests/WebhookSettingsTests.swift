import TPoTCapture
import TPoTInspect
import Testing

@testable import TPoTCommand

@Suite struct WebhookSettingsTests {
    let fixture: CommandFixture

    init() throws {
        fixture = try CommandFixture()
    }

    private func secrets(_ arguments: String...) throws -> WebhookSecrets {
        try fixture.http(["http", "8080"] + arguments).display.capture.webhookSecrets
    }

    @Test func allSourcesAddUp() throws {
        try fixture.writeConfig(#"{"webhookSecretsFile": "secrets.json"}"#)
        try fixture.write(#"{"stripe": ["whsec_a", "whsec_b"], "linear": "c"}"#, to: ".tpot/secrets.json")
        fixture.environment = ["TPOT_WEBHOOK_SECRET_STRIPE": "whsec_d", "TPOT_WEBHOOK_SECRET_SLACK": "e"]
        try fixture.write("f\ng\n", to: "github")
        try fixture.write("h", to: "shopify")
        let secrets = try secrets("--webhook-secret", "github=@github", "--webhook-secret", "shopify=@~/shopify")
        let counts = [SignatureScheme.stripe, .linear, .slack, .gitHub, .shopify, .paddle].map(secrets.count)
        #expect(counts == [3, 1, 1, 2, 1, 0])
        #expect(secrets.description == "8 secrets")
        let settings = try fixture.http("http", "8080")
        #expect(settings.warnings.isEmpty)
        // Nothing that is printed or logged of the settings has them.
        var dumped = ""
        dump(settings, to: &dumped)
        for text in ["\(settings)", "\(settings.display.capture)", dumped] { #expect(!text.contains("whsec_")) }
    }

    @Test func withoutAnyNothingIsChecked() throws {
        #expect(try secrets().isEmpty)
        fixture.environment = ["TPOT_WEBHOOK_SECRET_STRIPE": ""]
        #expect(try secrets().isEmpty)
    }

    @Test func theFileCanBeNamedEverywhere() throws {
        try fixture.write(#"{"stripe": "whsec_a"}"#, to: "secrets.json")
        #expect(try secrets("--webhook-secrets-file", "secrets.json").count(of: .stripe) == 1)
        fixture.environment = ["TPOT_WEBHOOK_SECRETS_FILE": "secrets.json"]
        #expect(try secrets().count(of: .stripe) == 1)
        #expect(try fixture.config("config", "--webhook-secrets-file", "secrets.json").warnings.isEmpty)
        #expect(try fixture.text(of: ".tpot/config.json").contains("\(fixture.folder)/secrets.json"))
    }

    @Test func aFileThatOthersCanReadIsSpokenOf() throws {
        try fixture.write(#"{"stripe": "whsec_a"}"#, to: "secrets.json", mode: 0o644)
        let path = fixture.folder + "/secrets.json"
        #expect(
            try fixture.http("http", "8080", "--webhook-secrets-file", "secrets.json").warnings == [
                "other users can read the webhook secrets in \(path); run: chmod 600 \(path)"
            ]
        )
    }

    @Test(arguments: [
        (["--webhook-secret", "strip=@f"], true, "--webhook-secret: the value does not begin with a provider"),
        (
            ["--webhook-secret", "stripe=whsec_x"], true,
            "--webhook-secret: other users can read what stands in a command"
        ),
        (["--webhook-secret", "stripe=@gone"], false, "--webhook-secret: cannot read FOLDER/gone: "),
        (["--webhook-secret", "stripe=@empty"], false, "--webhook-secret: FOLDER/empty: it is empty; write one"),
        (["--webhook-secrets-file", "gone"], false, "--webhook-secrets-file: cannot read FOLDER/gone: "),
        (["--webhook-secrets-file", "corrupt"], false, "--webhook-secrets-file: FOLDER/corrupt, line 2: "),
        (["--webhook-secrets-file", "other"], false, "--webhook-secrets-file: FOLDER/other, line 1: this name is no"),
    ])
    func mistakesAreNamedWithTheWayOut(arguments: [String], isUsage: Bool, text: String) throws {
        try fixture.write("\n", to: "empty")
        try fixture.write("{\n\"stripe\": whsec_secret}", to: "corrupt")
        try fixture.write(#"{"whsec_secret": "stripe"}"#, to: "other")
        let error = try #require(failure { try fixture.http(["http", "8080"] + arguments) })
        #expect(error.status == (isUsage ? .usage : .badConfig))
        let expected = text.replacing("FOLDER", with: fixture.folder)
        #expect(error.message.hasPrefix(expected) && error.message.contains(";"), "\(error.message)")
        #expect(!error.message.contains("whsec_secret") && !error.message.contains("whsec_x"))
    }

    @Test func aVariableOfNoProviderIsAMistake() throws {
        fixture.environment = ["TPOT_WEBHOOK_SECRET_STRIP": "whsec_secret"]
        let error = try #require(failure { try fixture.http("http", "8080") })
        #expect(error.status == .usage && error.message.hasPrefix("TPOT_WEBHOOK_SECRET_STRIP: this is no provider; "))
        #expect(!error.message.contains("whsec_secret"))
    }

    @Test func onlyTunnelsHaveThem() throws {
        try fixture.write("s", to: "s")
        let config = failure { try fixture.config("config", "--webhook-secret", "stripe=@s") }
        #expect(config?.status == .usage && config?.message.contains("--webhook-secrets-file") == true)
        let server = failure { try fixture.server("--webhook-secret", "stripe=@s", "server") }
        #expect(server?.message == "--webhook-secret is not an option of `tpot server`; see `tpot server --help`")
    }

    /// What it shows is signed with secrets of its own.
    @Test func theDemoHasItsOwn() throws {
        fixture.environment = ["TPOT_WEBHOOK_SECRET_TWILIO": "x"]
        let secrets = try fixture.demo("demo").capture.webhookSecrets
        #expect(secrets.count(of: .stripe) == 1 && secrets.count(of: .twilio) == 0)
    }
}
