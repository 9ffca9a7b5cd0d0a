import ArgumentParser
import TPoTInspect
import TPoTWire

/// `tpot open`: the dashboard without a tunnel.
struct OpenCommand: RunningCommand {
    static let configuration = CommandConfiguration(
        commandName: "open",
        abstract: "Open the dashboard on the history, or on a HAR file, without a tunnel.",
        discussion: "Reads HAR files of Chrome, Firefox, mitmproxy and tpot. Replays go to --target."
    )

    @Argument(help: "A HAR file. Without one, the history.")
    var file: String?

    @Option(help: ArgumentHelp("Send replays to this target.", valueName: "target"))
    var target: String?

    @Option(help: ArgumentHelp("Only requests of this tunnel: its name, public URL or target.", valueName: "tunnel"))
    var tunnel: String?

    @OptionGroup(title: "Target") var trust: TargetTrustOptions

    @OptionGroup(title: "Webhook options") var webhooks: WebhookOptions

    @Flag(help: "Do not mask secrets in what is copied or written.")
    var exportSecrets = false

    @ParentCommand var root: Tpot

    func execute() async throws {
        let mask = try root.refuseTunnelOptions(for: "open", but: TargetTrust.names + [.webhookSecretsFile])
        let webhooks = try WebhookSettings.resolve(webhooks, in: .current)
        printWarnings(webhooks.warnings)
        if file != nil, let tunnel {
            throw CommandError(.usage, "--tunnel \(tunnel) chooses from the history, and a HAR file has no tunnels")
        }
        let order = OpenOrder(
            file: file,
            target: try target.map(TargetTrust.address),
            trust: try trust.resolve(root, in: .current),
            tunnel: tunnel,
            webhookSecrets: webhooks.secrets,
            mask: exportSecrets ? .off : mask
        )
        try await OpenCommandRunner.run(order, in: .current)
    }
}
