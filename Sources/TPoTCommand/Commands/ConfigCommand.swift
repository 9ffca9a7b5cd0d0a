import ArgumentParser
import TPoTDashboard
import TPoTSystem

/// `tpot config`: writes options to the config file, or shows the settings in it.
struct ConfigCommand: RunningCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Write options to the config file, or show the settings in it.",
        discussion: """
            Settings that you do not name stay as they are. With `--auth-key-file -`, the key is read from standard \
            input and stored in the config file.
            """
    )

    @OptionGroup(title: "Connection options") var connection: ConnectionOptions
    @OptionGroup(title: "Tunnel options") var tunnel: TunnelOptions
    @OptionGroup(title: "Key options") var key: KeyOptions
    @OptionGroup(title: "Login options") var login: LoginOptions
    @OptionGroup(title: "Display options") var display: DisplayOptions
    @OptionGroup(title: "Webhook options") var webhooks: WebhookOptions
    @OptionGroup(title: "Log options") var log: LogOptions

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Remove a setting from the file, by its name there: authKey, noUi, …", valueName: "name")
    )
    var unset: [String] = []

    @ParentCommand var root: Tpot

    func edit(in context: ProcessContext) throws(CommandError) -> ConfigEditor.Report {
        try root.refuseOptions(of: [root.server], for: "config")
        guard webhooks.webhookSecret.isEmpty else {
            throw CommandError(
                .usage,
                "\(WebhookSettings.optionName) is not kept in the config file; write the secrets into a file of their own, and"
                    + " name it with \(Setting.webhookSecretsFile.optionName)"
            )
        }
        return try ConfigEditor.run(
            options: connection.settings + tunnel.settings + key.settings + login.settings + display.settings
                + webhooks.settings + log.settings,
            unset: unset,
            configFile: connection.config,
            in: context
        )
    }

    func execute() async throws {
        let report = try edit(in: .current)
        printWarnings(report.warnings)
        for line in report.lines { StandardStream.output.print(line: line) }
    }
}
