import TPoTCapture
import TPoTInspect
import TPoTSystem

/// The secrets of webhooks. What the config file, the environment and options name adds up: any of them may match.
struct WebhookSettings: Hashable, Sendable {
    static let optionName = "--webhook-secret"

    var secrets = WebhookSecrets()
    var warnings: [String] = []

    init() {}

    /// For a command that has no tunnel.
    static func resolve(_ options: WebhookOptions, in context: ProcessContext) throws(CommandError) -> WebhookSettings {
        let settings = try MergedSettings.some([.webhookSecretsFile], options.settings, in: context)
        return try WebhookSettings(settings, options: options.webhookSecret, in: context)
    }

    /// Reads all files.
    /// - Parameter options: the values of `--webhook-secret`: `stripe=@FILE`.
    init(_ settings: MergedSettings, options: [String], in context: ProcessContext) throws(CommandError) {
        if let path = settings.path(.webhookSecretsFile, in: context) {
            let name = settings.name(of: .webhookSecretsFile)
            let text = try read(path, named: name)
            do throws(WebhookSecretsError) {
                try secrets.add(file: text, path: path)
            } catch {
                throw CommandError(.badConfig, "\(name): \(error.text)")
            }
        }
        do throws(WebhookSecretsError) {
            try secrets.add(environment: context.environment)
        } catch {
            throw CommandError(.usage, error.text)
        }
        for option in options { try add(option, in: context) }
    }

    private mutating func add(_ option: String, in context: ProcessContext) throws(CommandError) {
        let (scheme, file): (SignatureScheme, String)
        do throws(WebhookSecretsError) {
            (scheme, file) = try WebhookSecrets.option(option, name: Self.optionName)
        } catch {
            throw CommandError(.usage, error.text)
        }
        let path = context.expand(file, relativeTo: nil)
        let text = try read(path, named: Self.optionName)
        do throws(WebhookSecretsError) {
            try secrets.add(lines: text, of: scheme, place: path)
        } catch {
            throw CommandError(.badConfig, "\(Self.optionName): \(error.text)")
        }
    }

    private mutating func read(_ path: String, named name: String) throws(CommandError) -> String {
        let text: String
        do throws(FileError) {
            text = try FileSystem.text(of: path, limit: WebhookSecrets.fileLimit)
        } catch {
            throw CommandError(
                .badConfig,
                "\(name): cannot read \(path): \(error.reason); name a file with secrets, or leave it out"
            )
        }
        if FileSystem.isReadableByOthers(path) {
            warnings.append("other users can read the webhook secrets in \(path); run: chmod 600 \(path)")
        }
        return text
    }
}
