import TPoTCapture
import TPoTInspect

/// The secrets that the demo's shop has with its providers. They are as public as this file.
enum DemoSecrets {
    static let shop = secrets { "demo-\($0.settingName)-secret" }
    /// What someone guesses who does not know them.
    static let guessed = secrets { _ in "guessed" }

    private static func secrets(_ text: (SignatureScheme) -> String) -> WebhookSecrets {
        var secrets = WebhookSecrets()
        for scheme in [SignatureScheme.stripe, .gitHub, .shopify, .slack] {
            // A scheme whose secret cannot be used is not signed.
            try? secrets.add(lines: text(scheme), of: scheme, place: "the demo")
        }
        return secrets
    }
}
