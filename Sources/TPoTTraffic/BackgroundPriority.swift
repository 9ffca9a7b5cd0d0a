#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Lets the tunnel's threads run before threads that display or record traffic, when there are not enough cores for
/// both.
package enum BackgroundPriority {
    private static let niceness: Int32 = 5
    /// The number of events after which ``yield()`` is due: about 50 µs of work.
    package static let eventsAtOnce = 256

    /// Lowers the priority of the calling thread. On Linux niceness belongs to a thread (sched(7)) and a queue may run
    /// on another thread each time, so call it for every block.
    package static func take() {
        #if os(Linux)
        // If the call fails, only the order of execution is worse.
        _ = setpriority(Int32(PRIO_PROCESS.rawValue), 0, niceness)
        #endif
    }

    /// Lets other threads run that wait for this core. Otherwise they might wait for milliseconds, because the
    /// scheduler does not interrupt a thread before the end of its time slice.
    package static func yield() { sched_yield() }
}
