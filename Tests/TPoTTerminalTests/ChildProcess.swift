import CNCurses
import Glibc

@testable import TPoTTerminal

/// A program that a test runs to its end, with nothing of the test's own: no descriptor, no signal mask, no terminal.
///
/// What it starts in the background, like tmux's server, would otherwise keep open what the test runner reads to its
/// end, and the sockets of tests that run at the same time.
enum ChildProcess {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// POSIX_SPAWN_SETSID, which glibc's module does not show.
    private static let newSession: Int16 = 0x80

    /// - Parameter output: the file that takes standard output.
    static func run(
        _ command: [String],
        environment: [String: String],
        output: String,
        within seconds: Int32 = 10
    ) async throws {
        let identifier = try spawn(command, environment, output)
        // A thread of its own: the runtime's few ones are for tests that do not wait.
        let status = await withCheckedContinuation { continuation in
            do throws(TerminalError) {
                try SystemThread.start { continuation.resume(returning: wait(identifier, seconds)) }
            } catch {
                continuation.resume(returning: wait(identifier, seconds))
            }
        }
        guard status == 0 else { throw Failure(description: "\(command.joined(separator: " ")): status \(status)") }
    }

    private static func spawn(
        _ command: [String],
        _ environment: [String: String],
        _ output: String
    ) throws -> pid_t {
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        tpot_close_from(&files, 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, newSession | Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for word in words + variables { free(word) } }
        var identifier: pid_t = 0
        let code = posix_spawnp(&identifier, command[0], &files, &attributes, &words, &variables)
        guard code == 0 else { throw Failure(description: "\(command[0]): \(String(cString: strerror(code)))") }
        return identifier
    }

    /// - Returns: the status as the kernel tells it; -1 after the time is over.
    private static func wait(_ identifier: pid_t, _ seconds: Int32) -> Int32 {
        let deadline = MonotonicClock.milliseconds() + Int64(seconds) * 1000
        var status: Int32 = 0
        while true {
            let result = waitpid(identifier, &status, WNOHANG)
            if result == identifier { return status }
            if result < 0, errno != EINTR { return 0 }
            guard MonotonicClock.milliseconds() < deadline else { break }
            usleep(1000)
        }
        kill(identifier, SIGKILL)
        waitpid(identifier, &status, 0)
        return -1
    }
}
