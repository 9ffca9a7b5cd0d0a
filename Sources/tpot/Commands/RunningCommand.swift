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
            StandardStream.error.print(line: "tpot: \(error.message)")
            throw ExitCode(error.status.rawValue)
        }
    }

    func printWarnings(_ warnings: [String]) {
        for warning in warnings { StandardStream.error.print(line: "tpot: warning: \(warning)") }
    }
}
