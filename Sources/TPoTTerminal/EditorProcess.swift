import Glibc
import TPoTDashboard
import TPoTSystem

/// A program that has the terminal for a while.
struct EditorProcess {
    private let process: SpawnedProcess

    init(_ command: [String]) throws(EditorError) {
        guard let program = command.first, !program.isEmpty else {
            throw .couldNotStart(program: "the editor", reason: "no command")
        }
        do throws(SpawnedProcess.Failure) {
            process = try SpawnedProcess(command, in: .ours)
        } catch {
            throw .couldNotStart(program: program, reason: "\(error)")
        }
    }

    /// Sleeps until the program has ended.
    /// - Returns: the exit status as shells tell it.
    func wait() -> Int32 { process.wait() }

    func terminate() { Glibc.kill(process.identifier, SIGTERM) }

    func kill() { Glibc.kill(process.identifier, SIGKILL) }
}
