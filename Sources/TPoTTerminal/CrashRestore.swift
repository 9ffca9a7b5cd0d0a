import Glibc
import Synchronization

/// Restores the terminal when the process dies without closing it: on a crash, and on a call of `exit` anywhere.
///
/// The handlers only use `write`, `tcsetattr`, `sigaction` and `raise`, on memory that was allocated before. After them
/// the crash continues as if they did not exist: Swift's backtrace is printed on the restored terminal.
enum CrashRestore {
    private struct Prepared {
        var modes: termios
        var sequence: UnsafeMutablePointer<UInt8>
        var count: Int
        /// The previous actions, by signal number.
        var previous: UnsafeMutablePointer<sigaction>
    }

    private static let numbers = [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGQUIT]
    private static let maximumSignals = 65

    /// Whether ncurses has the terminal, so that it must be restored.
    private static let isArmed = Atomic<Bool>(false)
    private static let hasExitHandler = Atomic<Bool>(false)

    /// Unsafe, because signal handlers read it and cannot take a lock. It is written before ``isArmed`` becomes true.
    /// Its modes and sequence are only read by the thread that changes ``isArmed`` back to false.
    nonisolated(unsafe) private static let prepared: UnsafeMutablePointer<Prepared> = {
        let pointer = UnsafeMutablePointer<Prepared>.allocate(capacity: 1)
        let previous = UnsafeMutablePointer<sigaction>.allocate(capacity: maximumSignals)
        previous.initialize(repeating: sigaction(), count: maximumSignals)
        let sequence = UnsafeMutablePointer<UInt8>.allocate(capacity: maximumBytes)
        pointer.initialize(to: Prepared(modes: termios(), sequence: sequence, count: 0, previous: previous))
        return pointer
    }()
    private static let maximumBytes = 512

    /// Call it after ncurses has started.
    /// - Parameter sequence: the bytes that restore the terminal, for one `write`.
    static func install(modes: termios, sequence: [UInt8]) {
        prepared.pointee.modes = modes
        prepared.pointee.count = min(sequence.count, maximumBytes)
        for (index, byte) in sequence.prefix(maximumBytes).enumerated() {
            prepared.pointee.sequence[index] = byte
        }
        for number in numbers {
            sigaction(number, nil, &prepared.pointee.previous[Int(number)])
            handle(number)
        }
        if !hasExitHandler.exchange(true, ordering: .sequentiallyConsistent) {
            atexit { CrashRestore.restoreTerminal() }
        }
        arm()
    }

    static func handle(_ number: Int32) {
        var action = sigaction()
        action.__sigaction_handler.sa_sigaction = { number, info, _ in
            CrashRestore.crashed(number, code: info?.pointee.si_code ?? 0)
        }
        action.sa_flags = SA_SIGINFO | SA_ONSTACK
        sigemptyset(&action.sa_mask)
        sigaction(number, &action, nil)
    }

    static func remove() {
        disarm()
        for number in numbers {
            sigaction(number, &prepared.pointee.previous[Int(number)], nil)
        }
    }

    static func arm() {
        isArmed.store(true, ordering: .sequentiallyConsistent)
    }

    /// Call it when another program gets the terminal, or after the terminal was restored.
    /// - Returns: false if it was not armed.
    @discardableResult
    static func disarm() -> Bool {
        isArmed.exchange(false, ordering: .sequentiallyConsistent)
    }

    static func restoreTerminal() {
        guard isArmed.exchange(false, ordering: .sequentiallyConsistent) else { return }
        _ = write(STDOUT_FILENO, prepared.pointee.sequence, prepared.pointee.count)
        tcsetattr(STDIN_FILENO, TCSANOW, &prepared.pointee.modes)
    }

    private static func crashed(_ number: Int32, code: Int32) {
        restoreTerminal()
        sigaction(number, &prepared.pointee.previous[Int(number)], nil)
        // A fault happens again when its instruction is executed again. A signal that was sent, or that a completed
        // trap instruction caused, must be raised again.
        let isFault = number == SIGSEGV || number == SIGBUS || number == SIGILL || number == SIGFPE
        if !isFault || code <= 0 { raise(number) }
    }
}
