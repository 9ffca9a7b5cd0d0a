import ArgumentParser
import TPoTInspect

/// `tpot mcp`: the history for coding agents.
struct MCPCommand: RunningCommand {
    static let configuration = CommandConfiguration(
        commandName: "mcp",
        abstract: "Serve the history to a coding agent: the Model Context Protocol on standard input and output.",
        discussion: """
            An agent starts this command. It reads what `tpot http` keeps, and changes nothing. With --allow-replay, the \
            agent may also send captured requests again, as they were or edited, to the target that got them. \
            Secrets in headers and URLs are masked.
            """
    )

    @Flag(help: "Let the agent send captured requests to their target again.")
    var allowReplay = false

    @OptionGroup(title: "Target") var trust: TargetTrustOptions

    @Flag(help: "Do not mask secrets.")
    var exportSecrets = false

    @OptionGroup(title: "Webhook options") var webhooks: WebhookOptions

    @ParentCommand var root: Tpot

    func execute() async throws {
        let mask = try root.refuseTunnelOptions(for: "mcp", but: TargetTrust.names + [.webhookSecretsFile])
        let webhooks = try WebhookSettings.resolve(webhooks, in: .current)
        printWarnings(webhooks.warnings)
        try await MCPCommandRunner.run(
            allowsReplay: allowReplay,
            trust: try trust.resolve(root, in: .current),
            webhookSecrets: webhooks.secrets,
            mask: exportSecrets ? .off : mask,
            in: .current
        )
    }
}
