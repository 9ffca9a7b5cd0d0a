import Glibc
import Synchronization
import TPoTSystem

/// Signals for the terminal's thread. A handler only sets a bit and wakes the thread.
enum SignalInbox {
    struct Bits: OptionSet {
        let rawValue: UInt32

        static let interrupt = Bits(rawValue: 1)
        static let terminate = Bits(rawValue: 2)
        static let hangUp = Bits(rawValue: 4)
        static let sizeChanged = Bits(rawValue: 8)
        static let stop = Bits(rawValue: 16)
        static let continued = Bits(rawValue: 32)
    }

    /// The previous actions, to be restored.
    struct Previous {
        fileprivate var actions: [(number: Int32, action: sigaction)] = []
    }

    static let numbers =
        [SIGINT, SIGTERM, SIGWINCH, SIGTSTP, SIGCONT] + (HangUpSignal.isIgnored ? [] : [SIGHUP])

    private static let arrived = Atomic<UInt32>(0)
    private static let descriptor = Atomic<Int32>(-1)

    /// Call it before ncurses starts, because the handlers of ncurses end the process on SIGINT and SIGTERM.
    static func install(waking wake: Wake) -> Previous {
        // The first use initializes these variables, which must not happen in a signal handler.
        arrived.store(0, ordering: .sequentiallyConsistent)
        descriptor.store(wake.descriptor, ordering: .sequentiallyConsistent)
        // The parent thread may have blocked signals. This thread must receive them, ctrl-Z for instance.
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        var previous = Previous()
        for number in numbers {
            var old = sigaction()
            sigaction(number, nil, &old)
            previous.actions.append((number, old))
            handle(number)
        }
        return previous
    }

    static func restore(_ previous: Previous) {
        for (number, action) in previous.actions {
            var action = action
            sigaction(number, &action, nil)
        }
        descriptor.store(-1, ordering: .sequentiallyConsistent)
    }

    /// The signals since the last call.
    static func take() -> Bits {
        Bits(rawValue: arrived.exchange(0, ordering: .sequentiallyConsistent))
    }

    static func forget(_ bits: Bits) {
        arrived.bitwiseAnd(~bits.rawValue, ordering: .sequentiallyConsistent)
    }

    static func handle(_ number: Int32) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { number in SignalInbox.received(number) }
        action.sa_flags = SA_RESTART
        sigemptyset(&action.sa_mask)
        sigaction(number, &action, nil)
    }

    static func handleAll() {
        numbers.forEach(handle)
    }

    static func setDefault(_ number: Int32) {
        set(number, SIG_DFL)
    }

    static func ignore(_ number: Int32) {
        set(number, SIG_IGN)
    }

    private static func set(_ number: Int32, _ handler: __sighandler_t?) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = handler
        sigemptyset(&action.sa_mask)
        sigaction(number, &action, nil)
    }

    private static func received(_ number: Int32) {
        let code = errno
        let bit: Bits =
            switch number {
            case SIGINT: .interrupt
            case SIGTERM: .terminate
            case SIGHUP: .hangUp
            case SIGWINCH: .sizeChanged
            case SIGTSTP: .stop
            default: .continued
            }
        arrived.bitwiseOr(bit.rawValue, ordering: .sequentiallyConsistent)
        let wake = descriptor.load(ordering: .sequentiallyConsistent)
        if wake >= 0 { Wake.signal(wake) }
        errno = code
    }
}
