import ArgumentParser
import TPoTDashboard

/// `tpot server`: the public end of any number of tunnels.
struct ServerCommand: RunningCommand {
    static let configuration = CommandConfiguration(
        commandName: "server",
        abstract: "Run a tunnel server.",
        discussion: """
            Reads DOMAIN, PORT, BIND, AUTH_KEY, AUTH_KEY_FILE, TRUST_PROXY, MAX_TUNNELS and RESERVED_NAMES from a \
            file named .env in the working directory and from the environment. The environment overrides .env, and \
            options override both.
            """
    )

    @OptionGroup(title: "Server options") var server: ServerOptions
    @OptionGroup(title: "Key options") var key: KeyOptions
    @OptionGroup(title: "Log options") var log: LogOptions

    @ParentCommand var root: Tpot

    func settings(in context: ProcessContext) throws(CommandError) -> ServerSettings {
        let others: [any NamedOptions] = [root.connection, root.tunnel, root.login, root.display, root.webhooks]
        try root.refuseOptions(of: others, for: "server")
        return try ServerSettings.resolve(server: server, key: key, log: log, in: context)
    }

    func execute() async throws {
        try await ServerCommandRunner.run(try settings(in: .current))
    }
}
