import ArgumentParser
import Glibc
import TPoTDashboard
import TPoTInspect
import TPoTSystem

/// The root command, `tpot`. An option may come before or after the subcommand;
/// if it is given twice, the last one wins.
package struct Tpot: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "tpot",
        abstract: "Make a server on this machine public, through a tunnel to your own TPoT server.",
        discussion: """
            Options can come before or after the subcommand. Settings are read from ~/.tpot/config.json, from the \
            environment (TPOT_SERVER, TPOT_AUTH_KEY, TPOT_SUBDOMAIN, …) and from options. The environment overrides \
            the file, and options override both.

            Exit codes: \(ExitStatus.summary).
            """,
        version: version,
        subcommands: [
            HTTPCommand.self, LoginCommand.self, LogoutCommand.self, ServerCommand.self, ConfigCommand.self,
            DemoCommand.self, RequestsCommand.self, ShowCommand.self, ReplayCommand.self, DiffCommand.self,
            ExportCommand.self, OpenCommand.self, HistoryCommand.self,
            StatusCommand.self, URLCommand.self, WaitCommand.self, HoldCommand.self, ReleaseCommand.self,
            StopCommand.self, MCPCommand.self,
        ],
        // `-h` is the short form of --http-host, as in the original client.
        helpNames: .long
    )

    static let version = "0.1.0"

    // Every group is declared again, under the same name, in the subcommands that accept it. The parser then passes on
    // to the subcommand what was given before it.
    @OptionGroup(title: "Connection options") var connection: ConnectionOptions
    @OptionGroup(title: "Tunnel options") var tunnel: TunnelOptions
    @OptionGroup(title: "Key options") var key: KeyOptions
    @OptionGroup(title: "Login options") var login: LoginOptions
    @OptionGroup(title: "Display options") var display: DisplayOptions
    @OptionGroup(title: "Webhook options") var webhooks: WebhookOptions
    @OptionGroup(title: "Log options") var log: LogOptions
    @OptionGroup(title: "Server options", visibility: .hidden) var server: ServerOptions

    package init() {}

    /// Throws a usage error for all options before a subcommand that has none of them.
    func refuseAllOptions(for command: String) throws(CommandError) {
        try refuseOptions(of: [connection, tunnel, key, login, display, log, server], for: command)
    }

    /// Throws a usage error for all options that belong to a tunnel or a server, but for those about secrets.
    /// - Parameter allowed: more options that the command has.
    /// - Returns: what hides secrets.
    func refuseTunnelOptions(for command: String, but allowed: [Setting] = []) throws(CommandError) -> SecretMask {
        try refuseOptions(of: [connection, key, login, log, server], for: command)
        var names = (allowed + [.exportSecrets, .maskHeaders]).map(\.optionName)
        if allowed.contains(.webhookSecretsFile) { names.append(WebhookSettings.optionName) }
        for option in tunnel.given + display.given + webhooks.given where !names.contains(option) {
            throw refusal(of: option, for: command)
        }
        return try SecretMask(options: display.settings, in: .current)
    }

    /// Runs the program: parses the command line and runs the command. Exits with the error's exit code if that fails.
    package static func run() async {
        StandardStream.reserve()
        Allocator.keepBuffers()
        // A file that reaches its size limit must fail the write, not end the process (SIGXFSZ).
        // A reader that closes standard output or standard error must not end a tunnel or a server (SIGPIPE).
        signal(SIGXFSZ, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        var arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.last == DetachedStart.flag, let own = DetachedProcess.begin() { arguments = own }
        do {
            try await run(try parse(arguments))
        } catch {
            exit(withError: error)
        }
    }

    private static func parse(_ arguments: [String]) throws -> any ParsableCommand {
        do {
            return try parseAsRoot(arguments)
        } catch {
            guard let advice = MissingCommand.advice(for: arguments) else { throw error }
            ErrorLines.standard.print("tpot: \(advice)")
            throw ExitCode(ExitStatus.usage.rawValue)
        }
    }

    private static func run(_ command: any ParsableCommand) async throws {
        if var command = command as? any AsyncParsableCommand {
            try await command.run()
        } else {
            // Help, for example, is not asynchronous.
            var command = command
            try command.run()
        }
    }

    /// Throws a usage error for options before a subcommand that does not accept them.
    /// The parser itself lets them pass.
    func refuseOptions(of groups: [any NamedOptions], for command: String) throws(CommandError) {
        for option in groups.flatMap(\.given) {
            throw refusal(of: option, for: command)
        }
    }

    private func refusal(of option: String, for command: String) -> CommandError {
        CommandError(.usage, "\(option) is not an option of `tpot \(command)`; see `tpot \(command) --help`")
    }
}
