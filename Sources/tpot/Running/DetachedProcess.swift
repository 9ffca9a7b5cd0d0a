import Glibc

/// Starts a program that goes on by itself, without the terminal.
///
/// By hand, because the process types of Foundation and of swift-subprocess bring ICU or wait for the end.
enum DetachedProcess {
    /// POSIX_SPAWN_SETSID, which glibc's module does not show.
    private static let newSession: Int16 = 0x80

    /// False if there is no such program.
    static func start(_ arguments: [String]) -> Bool {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A session of its own: ctrl-C in our terminal is not meant for it.
        posix_spawnattr_setflags(&attributes, newSession)
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        guard let program = arguments.first,
            posix_spawnp(&process, program, &actions, &attributes, &words, environ) == 0
        else { return false }
        return true
    }
}
