import ArgumentParser

/// A command that ends with a ``CommandError`` or in peace.
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
