import ArgumentParser

/// `tpot demo`: a whole tunnel on this machine, with traffic.
struct DemoCommand: RunningCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Try tpot with an embedded server, a small target, and visitors that call it through the tunnel."
    )

    @OptionGroup(title: "Display options") var display: DisplayOptions
    @OptionGroup(title: "Log options") var log: LogOptions

    @ParentCommand var root: Tpot

    func settings(in context: ProcessContext) throws(CommandError) -> DisplaySettings {
        let others: [any NamedOptions] = [
            root.connection, root.tunnel, root.key, root.login, root.webhooks, root.server,
        ]
        try root.refuseOptions(of: others, for: "demo")
        return try DemoSettings.resolve(options: display.settings + log.settings, in: context)
    }

    func execute() async throws {
        let context = ProcessContext.current
        try await DemoCommandRunner.run(try settings(in: context), environment: context.environment)
    }
}
