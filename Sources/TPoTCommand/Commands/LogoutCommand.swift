import ArgumentParser
import TPoTSystem

/// `tpot logout`: forgets a login.
struct LogoutCommand: ConfiguredCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout",
        abstract: "Forget the login with a server.",
        discussion: "Takes its tokens out of ~/.tpot/tokens.json. The browser may stay logged in."
    )

    @OptionGroup(title: "Connection options") var connection: ConnectionOptions

    @ParentCommand var root: Tpot

    func settings(in context: ProcessContext) throws(CommandError) -> LoginCommandSettings {
        try root.refuseOptions(
            of: [root.tunnel, root.key, root.login, root.display, root.log, root.server],
            for: "logout"
        )
        return try LoginCommandSettings.resolve(
            options: connection.settings,
            configFile: connection.config,
            in: context
        )
    }

    func run(_ settings: LoginCommandSettings, in context: ProcessContext) async throws {
        StandardStream.output.print(line: try await LoginCommandRunner.logOut(settings, in: context))
    }
}
