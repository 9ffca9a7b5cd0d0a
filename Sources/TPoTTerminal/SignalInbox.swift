import Glibc
import Synchronization
import TPoTSystem

/// Signals that the terminal's thread answers: a handler only sets a bit and wakes it.
enum SignalInbox {
    struct Bits: OptionSet {
        let rawValue: UInt32

        static let interrupt = Bits(rawValue: 1)
        static let terminate = Bits(rawValue: 2)
        static let hangUp = Bits(rawValue: 4)
        static let sizeChanged = Bits(rawValue: 8)
        static let stop = Bits(rawValue: 16)
        static let goOn = Bits(rawValue: 32)
    }

    /// What was in force before, to be put back.
    struct Previous {
        fileprivate var actions: [(number: Int32, action: sigaction)] = []
    }

    static let numbers =
        [SIGINT, SIGTERM, SIGWINCH, SIGTSTP, SIGCONT] + (HangUpSignal.isIgnored ? [] : [SIGHUP])

    private static let arrived = Atomic<UInt32>(0)
    private static let descriptor = Atomic<Int32>(-1)

    /// To be called before ncurses starts, whose own handlers end the process on SIGINT and SIGTERM.
    static func install(waking wake: Wake) -> Previous {
        // A first use that has to initialize would not do in a handler.
        arrived.store(0, ordering: .sequentiallyConsistent)
        descriptor.store(wake.descriptor, ordering: .sequentiallyConsistent)
        // The thread that started this one may have blocked some; ctrl-Z has to be answered here.
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

    /// What came since the last call.
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
            default: .goOn
            }
        arrived.bitwiseOr(bit.rawValue, ordering: .sequentiallyConsistent)
        let wake = descriptor.load(ordering: .sequentiallyConsistent)
        if wake >= 0 { Wake.signal(wake) }
        errno = code
    }
}
