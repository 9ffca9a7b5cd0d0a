import Glibc
import Synchronization

/// Gives the terminal back when the process dies without having closed it: on a crash, and on `exit` anywhere.
///
/// The handlers use nothing but `write`, `tcsetattr`, `sigaction` and `raise`, on memory that was laid out before. Then
/// the crash goes its way as if they had not been there: Swift's backtrace is printed on the restored terminal.
enum CrashRestore {
    private struct Prepared {
        var modes: termios
        var sequence: UnsafeMutablePointer<UInt8>
        var count: Int
        /// By signal number.
        var previous: UnsafeMutablePointer<sigaction>
    }

    private static let numbers = [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGQUIT]
    private static let mostNumbers = 65

    /// Whether the screen is ours, and so has to be given back.
    private static let isArmed = Atomic<Bool>(false)
    private static let hasExitHandler = Atomic<Bool>(false)

    /// Written before ``isArmed`` becomes true, read only while it is, by whoever makes it false: never by two at once.
    nonisolated(unsafe) private static let prepared: UnsafeMutablePointer<Prepared> = {
        let pointer = UnsafeMutablePointer<Prepared>.allocate(capacity: 1)
        let previous = UnsafeMutablePointer<sigaction>.allocate(capacity: mostNumbers)
        previous.initialize(repeating: sigaction(), count: mostNumbers)
        let sequence = UnsafeMutablePointer<UInt8>.allocate(capacity: mostBytes)
        pointer.initialize(to: Prepared(modes: termios(), sequence: sequence, count: 0, previous: previous))
        return pointer
    }()
    private static let mostBytes = 512

    /// To be called after ncurses has started.
    /// - Parameter sequence: what the terminal needs to be as it was, in one `write`.
    static func install(modes: termios, sequence: [UInt8]) {
        prepared.pointee.modes = modes
        prepared.pointee.count = min(sequence.count, mostBytes)
        for (index, byte) in sequence.prefix(mostBytes).enumerated() {
            prepared.pointee.sequence[index] = byte
        }
        for number in numbers {
            sigaction(number, nil, &prepared.pointee.previous[Int(number)])
            handle(number)
        }
        if !hasExitHandler.exchange(true, ordering: .sequentiallyConsistent) {
            atexit { CrashRestore.giveBack() }
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

    /// While another program has the terminal there is nothing to give back.
    /// - Returns: false if there was nothing.
    @discardableResult
    static func disarm() -> Bool {
        isArmed.exchange(false, ordering: .sequentiallyConsistent)
    }

    static func giveBack() {
        guard isArmed.exchange(false, ordering: .sequentiallyConsistent) else { return }
        _ = write(STDOUT_FILENO, prepared.pointee.sequence, prepared.pointee.count)
        tcsetattr(STDIN_FILENO, TCSANOW, &prepared.pointee.modes)
    }

    private static func crashed(_ number: Int32, code: Int32) {
        giveBack()
        sigaction(number, &prepared.pointee.previous[Int(number)], nil)
        // A fault happens again when the instruction is tried again. What was sent, or came from a trap whose
        // instruction is over, would not.
        let isFault = number == SIGSEGV || number == SIGBUS || number == SIGILL || number == SIGFPE
        if !isFault || code <= 0 { raise(number) }
    }
}
