import ArgumentParser
import TPoTDashboard

/// `tpot server`: the public side, for any number of tunnels.
struct ServerCommand: RunningCommand {
    static let configuration = CommandConfiguration(
        commandName: "server",
        abstract: "Run a server that gives out tunnels.",
        discussion: """
            Takes DOMAIN, PORT, BIND, AUTH_KEY, AUTH_KEY_FILE, TRUST_PROXY, MAX_TUNNELS and RESERVED_NAMES from the \
            environment and from a file named .env in the working directory: the environment wins over .env, options \
            win over both.
            """
    )

    @OptionGroup(title: "Server options") var server: ServerOptions
    @OptionGroup(title: "Key options") var key: KeyOptions
    @OptionGroup(title: "Log options") var log: LogOptions

    @ParentCommand var root: Tpot

    func settings(in context: ProcessContext) throws(CommandError) -> ServerSettings {
        try root.refuseOptions(of: [root.connection, root.tunnel, root.login, root.display], for: "server")
        return try ServerSettings.resolve(server: server, key: key, log: log, in: context)
    }

    func execute() async throws {
        try await ServerCommandRunner.run(try settings(in: .current))
    }
}
