import CGlibc
import Glibc

/// A program that is started as a shell would do it: with default signal actions, and with no open files but its three
/// streams.
///
/// Foundation's and swift-subprocess's process types are not used: they link ICU, or wait for the program to end.
package struct SpawnedProcess: Sendable {
    /// Why the program was not started.
    package struct Failure: Error, CustomStringConvertible {
        let code: Int32
        package var isMissing: Bool { code == ENOENT }
        package var description: String { SystemError.text(code) }
    }

    package enum Session: Sendable {
        /// The program shares our terminal and streams.
        case shared
        /// The program has its own session, so that ctrl-C in our terminal does not reach it. It reads `input`, and its
        /// output is written to a file.
        case detached(input: [UInt8] = [], output: String = "/dev/null")
    }

    /// POSIX_SPAWN_SETSID, which the Glibc module does not import.
    private static let newSession: Int32 = 0x80

    package let identifier: pid_t

    /// - Parameters:
    ///   - command: the program, which is looked up in `PATH`, and its arguments.
    ///   - environment: nil for the environment of this process.
    package init(
        _ command: [String],
        in session: Session,
        environment: [String: String]? = nil
    ) throws(Failure) {
        guard let program = command.first else { throw Failure(code: EINVAL) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        var input: Int32 = -1
        defer { if input >= 0 { close(input) } }
        if case .detached(let bytes, let output) = session {
            flags |= Self.newSession
            if bytes.isEmpty {
                posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
            } else {
                input = try Self.file(with: bytes)
                posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO)
            }
            posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
            posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        }
        posix_spawnattr_setflags(&attributes, Int16(flags))
        tpot_close_from(&files, 3)

        var words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = (environment ?? [:]).map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in words + variables { free(text) } }
        var identifier: pid_t = 0
        let code = variables.withUnsafeMutableBufferPointer { variables in
            let chosen = environment == nil ? environ : variables.baseAddress
            return posix_spawnp(&identifier, program, &files, &attributes, &words, chosen)
        }
        guard code == 0 else { throw Failure(code: code) }
        self.identifier = identifier
    }

    /// A file in memory. Unlike a pipe it takes all bytes at once, even if the program never reads them.
    private static func file(with bytes: [UInt8]) throws(Failure) -> Int32 {
        let descriptor = tpot_memory_file()
        guard descriptor >= 0 else { throw Failure(code: errno) }
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                offset += count
            } else if errno != EINTR {
                let failure = Failure(code: errno)
                close(descriptor)
                throw failure
            }
        }
        lseek(descriptor, 0, SEEK_SET)
        return descriptor
    }

    /// Blocks until the program has ended.
    /// - Returns: the exit status as shells report it: 128 plus the number of the signal that ended the program.
    @discardableResult
    package func wait() -> Int32 { ended(waiting: true) ?? 127 }

    /// The exit status if the program has ended, as ``wait()`` has it; nil while it runs.
    package func endedStatus() -> Int32? { ended(waiting: false) }

    /// The same with a time limit. After it the program is killed.
    /// - Returns: nil if the program was killed.
    package func wait(atMost milliseconds: Int64) -> Int32? {
        let deadline = MonotonicClock.milliseconds() + milliseconds
        while MonotonicClock.milliseconds() < deadline {
            if let status = ended(waiting: false) { return status }
            // Polls, because waitpid(2) has no time limit.
            usleep(1000)
        }
        kill(identifier, SIGKILL)
        wait()
        return nil
    }

    /// Waits for the program in the background, so that it leaves no zombie when it ends.
    /// - Parameter action: called on a separate thread when the program has ended.
    package func leave(then action: @escaping @Sendable (_ status: Int32) -> Void = { _ in }) {
        // Without a thread the program becomes a zombie, which is harmless.
        try? SystemThread.start { action(wait()) }
    }

    private func ended(waiting: Bool) -> Int32? {
        var status: Int32 = 0
        while true {
            let result = waitpid(identifier, &status, waiting ? 0 : WNOHANG)
            if result == 0 { return nil }
            if result == identifier { break }
            // Other code has already waited for the program, so its status is lost.
            if errno != EINTR { return 127 }
        }
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }
}
