import NIOCore
import TPoTSystem

/// Runs a program to its end. It inherits nothing from the test: no descriptor, no signal mask, no terminal.
///
/// Otherwise a process that it starts in the background, such as tmux's server, would keep open the output pipe of the
/// test runner and the sockets of other tests.
package enum ChildProcess {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// - Parameter output: the file for standard output.
    package static func run(
        _ command: [String],
        environment: [String: String],
        output: String = "/dev/null",
        within limit: TimeAmount = .seconds(150)
    ) async throws {
        let process = try SpawnedProcess(command, in: .detached(output: output), environment: environment)
        // On a thread of its own: Swift's concurrency runtime and NIO's pool have only a few, which what is tested needs.
        let status = try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<Int32?, any Error>) in
            do {
                try SystemThread.start {
                    continuation.resume(returning: process.wait(atMost: limit.nanoseconds / 1_000_000))
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
        let outcome = status.map { "status \($0)" } ?? "it did not end in time"
        guard status == 0 else { throw Failure(description: "\(command.joined(separator: " ")): \(outcome)") }
    }
}
