import ArgumentParser
import TPoTDashboard

/// `tpot http <target>`: one tunnel to one target.
struct HTTPCommand: ConfiguredCommand {
    static let configuration = CommandConfiguration(
        commandName: "http",
        abstract: "Open a tunnel to an HTTP server.",
        discussion: """
            Without a configured server, an embedded one on this machine is used. Every option can also be set in \
            ~/.tpot/config.json in camel case ("authKeyFile") and in the environment (TPOT_AUTH_KEY_FILE).
            """
    )

    @Argument(help: "8080, localhost:8080, https://localhost:8443, [::1]:8080 or unix:/path/to.sock")
    var target: String

    @Flag(help: "Go on in the background, with a log; print the URL when the tunnel is up. `tpot stop` ends it.")
    var detach = false

    @OptionGroup(title: "Connection options") var connection: ConnectionOptions
    @OptionGroup(title: "Tunnel options") var tunnel: TunnelOptions
    @OptionGroup(title: "Key options") var key: KeyOptions
    @OptionGroup(title: "Login options") var login: LoginOptions
    @OptionGroup(title: "Display options") var display: DisplayOptions
    @OptionGroup(title: "Webhook options") var webhooks: WebhookOptions
    @OptionGroup(title: "Log options") var log: LogOptions

    @ParentCommand var root: Tpot

    func execute() async throws {
        guard detach else { return try await executeConfigured() }
        let arguments = Array(CommandLine.arguments.dropFirst())
        try await DetachCommandRunner.start(arguments, target: target, in: .current)
    }

    func settings(in context: ProcessContext) throws(CommandError) -> TunnelSettings {
        try root.refuseOptions(of: [root.server], for: "http")
        return try TunnelSettings.resolve(
            target: target,
            options: connection.settings + tunnel.settings + key.settings + login.settings + display.settings
                + webhooks.settings + log.settings,
            webhookSecrets: webhooks.webhookSecret,
            configFile: connection.config,
            in: context
        )
    }

    func run(_ settings: TunnelSettings, in context: ProcessContext) async throws {
        try await HTTPCommandRunner.run(settings, in: context)
    }
}
