import ArgumentParser

/// A command that ends normally or with a ``CommandError``.
protocol RunningCommand: AsyncParsableCommand {
    func execute() async throws
}

extension RunningCommand {
    func run() async throws {
        do {
            try await execute()
        } catch let error as CommandError {
            throw exit(error.status, error.message)
        }
    }

    private func exit(_ status: ExitStatus, _ message: String) -> ExitCode {
        ErrorLines.standard.print("tpot: \(message)")
        return ExitCode(status.rawValue)
    }

    func printWarnings(_ warnings: [String]) {
        for warning in warnings { ErrorLines.standard.print("tpot: warning: \(warning)") }
    }
}

/// Settings with warnings, which are printed on standard error before anything else happens.
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
    func execute() async throws { try await executeConfigured() }

    /// Finds out the settings, and runs with them.
    func executeConfigured() async throws {
        let context = ProcessContext.current
        let settings: Settings
        do throws(CommandError) {
            settings = try self.settings(in: context)
        } catch {
            // A missing setting may have been given under a misspelled name.
            printWarnings(SettingLayer.warnings(environment: context.environment))
            throw error
        }
        printWarnings(settings.warnings)
        try await run(settings, in: context)
    }
}
