import CNCurses
import Glibc
import TPoTDashboard

/// A program that has the terminal for a while.
struct EditorProcess {
    let identifier: pid_t

    /// Starts `command` as if from a shell: default signals, nothing open but the terminal.
    init(_ command: [String]) throws(EditorError) {
        guard let program = command.first, !program.isEmpty else {
            throw .couldNotStart(program: "the editor", reason: "no command")
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        tpot_close_from(&files, 3)

        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var identifier: pid_t = 0
        let code = posix_spawnp(&identifier, program, &files, &attributes, arguments, environ)
        guard code == 0 else {
            throw .couldNotStart(program: program, reason: SystemError.text(code))
        }
        self.identifier = identifier
    }

    /// Sleeps until the program has ended.
    /// - Returns: the exit status as shells tell it.
    func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0 {
            // Somebody else has asked first: there is no status to be had.
            if errno != EINTR { return 127 }
        }
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }

    func terminate() {
        kill(identifier, SIGTERM)
    }
}
