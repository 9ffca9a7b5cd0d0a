#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Times in the time zone of this machine.
package enum LocalTime {
    /// `2026-11-23 12:01:33`.
    package static func seconds(
        unixNanoseconds: Int64,
        utcOffset: @Sendable (Int64) -> Int = Self.utcOffset
    ) -> String {
        let offset = Int64(utcOffset(unixNanoseconds / 1_000_000_000)) * 1_000_000_000
        return UTCTime.seconds(unixNanoseconds: unixNanoseconds &+ offset)
    }

    /// Seconds by which local time is ahead of UTC.
    /// - Parameter unixSeconds: the time for which the offset is wanted, in seconds since 1970.
    @Sendable package static func utcOffset(at unixSeconds: Int64) -> Int {
        var seconds = time_t(unixSeconds)
        var parts = tm()
        guard localtime_r(&seconds, &parts) != nil else { return 0 }
        return parts.tm_gmtoff
    }
}
