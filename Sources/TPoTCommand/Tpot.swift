import ArgumentParser
import Glibc
import TPoTDashboard
import TPoTSystem

/// `tpot`: options may stand before or after the subcommand, the last one wins.
package struct Tpot: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "tpot",
        abstract: "Shows a server on this machine to the world, through a tunnel to your own TPoT server.",
        discussion: """
            Options may stand before or after the subcommand. Settings come, later ones win, from \
            ~/.tpot/config.json, from the environment (TPOT_SERVER, TPOT_AUTH_KEY, TPOT_SUBDOMAIN, …) and from options.

            Exit codes: \(ExitStatus.summary).
            """,
        version: version,
        subcommands: [
            HTTPCommand.self, LoginCommand.self, LogoutCommand.self, ServerCommand.self, ConfigCommand.self,
            DemoCommand.self,
        ],
        // -h takes a value, as in the original client.
        helpNames: .long
    )

    static let version = "0.1.0"

    // Each group stands, under the same name, in the subcommands that know it: that is how the parser carries a value
    // from before the subcommand to after it.
    @OptionGroup(title: "Connection options") var connection: ConnectionOptions
    @OptionGroup(title: "Tunnel options") var tunnel: TunnelOptions
    @OptionGroup(title: "Key options") var key: KeyOptions
    @OptionGroup(title: "Login options") var login: LoginOptions
    @OptionGroup(title: "Display options") var display: DisplayOptions
    @OptionGroup(title: "Log options") var log: LogOptions
    @OptionGroup(title: "Server options", visibility: .hidden) var server: ServerOptions

    package init() {}

    /// The whole program: reads the command line, does what it says and ends the process.
    package static func run() async {
        StandardStream.reserve()
        Allocator.keepBuffers()
        // A file that reaches its limit is an error of the write, and a reader of standard output or standard error that goes
        // away must not end a tunnel or a server.
        signal(SIGXFSZ, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        let arguments = Array(CommandLine.arguments.dropFirst())
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
            // Help and the like.
            var command = command
            try command.run()
        }
    }

    /// Refuses options that stood before a subcommand which does not know them: the parser lets them pass.
    func refuseOptions(of groups: [any NamedOptions], for command: String) throws(CommandError) {
        for option in groups.flatMap(\.given) {
            throw CommandError(.usage, "\(option) is not an option of `tpot \(command)`; see `tpot \(command) --help`")
        }
    }
}
