import NIOCore
import NIOPosix
import TPoTSystem

/// A program that a test runs to its end, with nothing of the test's own: no descriptor, no signal mask, no terminal.
///
/// What it starts in the background, like tmux's server, would otherwise keep open what the test runner reads to its
/// end, and the sockets of tests that run at the same time.
package enum ChildProcess {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// - Parameter output: the file that takes standard output.
    package static func run(
        _ command: [String],
        environment: [String: String],
        output: String = "/dev/null",
        within limit: TimeAmount = .seconds(10)
    ) async throws {
        let process = try SpawnedProcess(command, in: .detached(output: output), environment: environment)
        // On a thread that may block: the runtime's few ones are for tests that do not wait.
        let status = try await NIOThreadPool.singleton.runIfActive {
            process.wait(atMost: limit.nanoseconds / 1_000_000)
        }
        let told = status.map { "status \($0)" } ?? "it did not end in time"
        guard status == 0 else { throw Failure(description: "\(command.joined(separator: " ")): \(told)") }
    }
}
