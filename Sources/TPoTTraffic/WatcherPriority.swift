#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The place of threads that watch, or that can wait, among the others: behind the path of bytes, when there are not cores
/// enough for both.
package enum WatcherPriority {
    private static let niceness: Int32 = 5
    /// Events after which ``yield()`` is due: some 50 µs of work.
    package static let eventsAtOnce = 256

    /// Takes effect for the calling thread, as often as it is called. On Linux niceness belongs to threads (sched(7)),
    /// and a queue may run on another thread each time.
    package static func take() {
        #if os(Linux)
        // Refused at worst, which changes nothing but the order.
        _ = setpriority(Int32(PRIO_PROCESS.rawValue), 0, niceness)
        #endif
    }

    /// Lets those run who wait for this core. The scheduler alone would make them wait for milliseconds: it does not
    /// interrupt a thread before its slice is over.
    package static func yield() { sched_yield() }
}
