import Glibc
import TPoTDashboard
import TPoTSystem

/// An editor that uses our terminal until it ends.
struct EditorProcess {
    private let process: SpawnedProcess

    init(_ command: [String]) throws(EditorError) {
        guard let program = command.first, !program.isEmpty else {
            throw .couldNotStart(program: "the editor", reason: "no command")
        }
        do throws(SpawnedProcess.Failure) {
            process = try SpawnedProcess(command, in: .shared)
        } catch {
            throw .couldNotStart(program: program, reason: "\(error)")
        }
    }

    /// Blocks until the program has ended.
    /// - Returns: the exit status as shells report it.
    func wait() -> Int32 { process.wait() }

    func terminate() { Glibc.kill(process.identifier, SIGTERM) }

    func kill() { Glibc.kill(process.identifier, SIGKILL) }
}
