import TestSupport

@testable import TPoTCommand
@testable import TPoTSystem

/// A temporary home folder and working directory for one test, and the settings that commands would run with there.
final class CommandFixture {
    private let temporary: TemporaryFolder
    var environment: [String: String] = [:]
    var standardInput: String?

    init() throws {
        temporary = try TemporaryFolder()
    }

    var folder: String { temporary.path }

    var context: ProcessContext {
        let input = standardInput
        return ProcessContext(
            environment: environment.merging(["HOME": folder]) { given, _ in given },
            workingDirectory: folder,
            readStandardInputLine: { _, _ throws(FileError) in
                guard let input else { throw FileError("nothing is typed in tests") }
                return input
            }
        )
    }

    var configPath: String { folder + "/.tpot/config.json" }

    func write(_ text: String, to name: String, mode: Int = 0o600) throws {
        try temporary.write(text, to: name, mode: mode)
    }

    func writeConfig(_ text: String, mode: Int = 0o600) throws {
        try write(text, to: ".tpot/config.json", mode: mode)
    }

    func text(of name: String) throws -> String { try temporary.text(of: name) }

    func mode(of name: String) throws -> Int { try temporary.mode(of: name) }

    /// The settings that `tpot http` with these arguments would run with.
    func http(_ arguments: String...) throws -> TunnelSettings { try http(arguments) }

    func http(_ arguments: [String]) throws -> TunnelSettings {
        try parse(HTTPCommand.self, arguments).settings(in: context)
    }

    func server(_ arguments: String...) throws -> ServerSettings { try server(arguments) }

    func server(_ arguments: [String]) throws -> ServerSettings {
        try parse(ServerCommand.self, arguments).settings(in: context)
    }

    func demo(_ arguments: String...) throws -> DisplaySettings {
        try parse(DemoCommand.self, arguments).settings(in: context)
    }

    func login(_ arguments: String...) throws -> LoginCommandSettings {
        try parse(LoginCommand.self, arguments).settings(in: context)
    }

    func logout(_ arguments: String...) throws -> LoginCommandSettings {
        try parse(LogoutCommand.self, arguments).settings(in: context)
    }

    func config(_ arguments: String...) throws -> ConfigEditor.Report {
        try parse(ConfigCommand.self, arguments).edit(in: context)
    }

    private func parse<Command: RunningCommand>(_: Command.Type, _ arguments: [String]) throws -> Command {
        guard let command = try Tpot.parseAsRoot(arguments) as? Command else {
            throw CommandError(.usage, "these arguments are not those of \(Command.self)")
        }
        return command
    }
}

/// The error that `body` throws; nil when it succeeds.
func failure(_ body: () throws -> some Any) -> CommandError? {
    do {
        _ = try body()
        return nil
    } catch let error as CommandError {
        return error
    } catch {
        return CommandError(.usage, Tpot.message(for: error))
    }
}
