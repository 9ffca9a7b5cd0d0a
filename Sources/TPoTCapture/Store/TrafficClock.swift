import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Monotonic time with the matching time of day. Tests use a clock that they move themselves.
package struct TrafficClock: Sendable {
    /// Both clocks, read together, because they drift apart when the machine sleeps or its time is set.
    package struct Reading: Sendable {
        package var monotonic: NIODeadline
        /// Nanoseconds since 1970, UTC.
        package var unixNanoseconds: Int64

        package init(monotonic: NIODeadline, unixNanoseconds: Int64) {
            self.monotonic = monotonic
            self.unixNanoseconds = unixNanoseconds
        }

        /// Nanoseconds since 1970 at another monotonic time.
        package func unixNanoseconds(at time: NIODeadline) -> Int64 {
            unixNanoseconds - (monotonic - time).nanoseconds
        }
    }

    package var read: @Sendable () -> Reading

    package init(read: @escaping @Sendable () -> Reading) {
        self.read = read
    }

    package static let system = TrafficClock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Reading(
            monotonic: .now(),
            unixNanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        )
    }
}
