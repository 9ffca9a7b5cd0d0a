import CGlibc
import Glibc

/// An eventfd that wakes a thread from `poll`. Any thread and any signal handler may signal it.
package final class Wake: Sendable {
    package let descriptor: Int32

    package init() throws(SystemError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard descriptor >= 0 else { throw SystemError(call: "eventfd", code: errno) }
    }

    deinit {
        Glibc.close(descriptor)
    }

    package func signal() {
        Self.signal(descriptor)
    }

    /// Makes one system call and nothing else, so a signal handler may call it.
    package static func signal(_ descriptor: Int32) {
        var one: UInt64 = 1
        _ = write(descriptor, &one, MemoryLayout.size(ofValue: one))
    }

    package func drain() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, MemoryLayout.size(ofValue: count))
    }

    /// - Parameter milliseconds: the time limit; -1 for none.
    /// - Returns: false if there was no signal in time.
    package func wait(milliseconds: Int32) -> Bool {
        let deadline = MonotonicClock.milliseconds() + Int64(milliseconds)
        while true {
            let left = milliseconds < 0 ? -1 : Int32(max(deadline - MonotonicClock.milliseconds(), 0))
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&entry, 1, left)
            if ready > 0 { return true }
            if ready == 0 || errno != EINTR { return false }
        }
    }
}
