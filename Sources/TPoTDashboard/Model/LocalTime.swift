#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The time zone of this machine.
package enum LocalTime {
    /// Seconds that local time was ahead of UTC at a moment, in seconds since 1970.
    @Sendable package static func utcOffset(at unixSeconds: Int64) -> Int {
        var seconds = time_t(unixSeconds)
        var parts = tm()
        guard localtime_r(&seconds, &parts) != nil else { return 0 }
        return parts.tm_gmtoff
    }
}
