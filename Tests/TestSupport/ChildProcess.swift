import CNCurses
import Glibc
import NIOCore
import NIOPosix

/// A program that a test runs to its end, with nothing of the test's own: no descriptor, no signal mask, no terminal.
///
/// What it starts in the background, like tmux's server, would otherwise keep open what the test runner reads to its
/// end, and the sockets of tests that run at the same time.
package enum ChildProcess {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// POSIX_SPAWN_SETSID, which glibc's module does not show.
    private static let newSession: Int16 = 0x80

    /// - Parameter output: the file that takes standard output.
    package static func run(
        _ command: [String],
        environment: [String: String],
        output: String = "/dev/null",
        within limit: TimeAmount = .seconds(10)
    ) async throws {
        let identifier = try spawn(command, environment, output)
        // On a thread that may block: the runtime's few ones are for tests that do not wait.
        let status = try await NIOThreadPool.singleton.runIfActive { wait(identifier, until: .now() + limit) }
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

    /// - Returns: the status as the kernel tells it; -1 when the time was over.
    private static func wait(_ identifier: pid_t, until deadline: NIODeadline) -> Int32 {
        var status: Int32 = 0
        while true {
            let result = waitpid(identifier, &status, WNOHANG)
            if result == identifier { return status }
            if result < 0, errno != EINTR { return 0 }
            guard NIODeadline.now() < deadline else { break }
            usleep(1000)
        }
        kill(identifier, SIGKILL)
        waitpid(identifier, &status, 0)
        return -1
    }
}
