/// Settings that come with warnings, for standard error, before anything else happens.
protocol WarningSettings {
    var warnings: [String] { get }
}

/// A command whose settings come from the config file, the environment and options.
protocol ConfiguredCommand: RunningCommand {
    associatedtype Settings: WarningSettings

    func settings(in context: ProcessContext) throws(CommandError) -> Settings
    func run(_ settings: Settings, in context: ProcessContext) async throws
}

extension ConfiguredCommand {
    func execute() async throws {
        let context = ProcessContext.current
        let settings: Settings
        do throws(CommandError) {
            settings = try self.settings(in: context)
        } catch {
            // What is missing may be there under a wrong name.
            printWarnings(SettingLayer.warnings(environment: context.environment))
            throw error
        }
        printWarnings(settings.warnings)
        try await run(settings, in: context)
    }
}
