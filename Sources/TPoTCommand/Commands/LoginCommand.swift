import ArgumentParser
import TPoTSystem

/// `tpot login`: logs in with a server ahead of time.
struct LoginCommand: ConfiguredCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Log in with a server that wants it, in the browser.",
        discussion: """
            `tpot http` does it by itself where somebody sits at the terminal. The login is kept in \
            ~/.tpot/tokens.json and renewed as long as the identity provider allows.
            """
    )

    @OptionGroup(title: "Connection options") var connection: ConnectionOptions
    @OptionGroup(title: "Login options") var login: LoginOptions

    @ParentCommand var root: Tpot

    func settings(in context: ProcessContext) throws(CommandError) -> LoginCommandSettings {
        let others: [any NamedOptions] = [root.tunnel, root.key, root.display, root.webhooks, root.log, root.server]
        try root.refuseOptions(of: others, for: "login")
        return try LoginCommandSettings.resolve(
            options: connection.settings + login.settings,
            configFile: connection.config,
            in: context
        )
    }

    func run(_ settings: LoginCommandSettings, in context: ProcessContext) async throws {
        StandardStream.output.print(line: try await LoginCommandRunner.logIn(settings, in: context))
    }
}
