import Glibc
import NIOCore

/// Tells the time of day at which something happened that carries monotonic time.
///
/// The two clocks are read together for each batch: they drift apart when the machine sleeps or its time is set.
struct WallClock: Sendable {
    struct Reading: Sendable {
        /// Since 1970, UTC.
        var unixNanoseconds: Int64
        var monotonic: NIODeadline

        /// Nanoseconds since 1970 at another moment.
        func unixNanoseconds(at time: NIODeadline) -> Int64 {
            unixNanoseconds - (monotonic - time).nanoseconds
        }
    }

    enum Zone: Sendable {
        case local, utc
    }

    var zone: Zone
    var read: @Sendable () -> Reading

    static let system = WallClock(zone: .local) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Reading(unixNanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec), monotonic: .now())
    }

    /// `2026-11-23 12:01:33` in the clock's zone.
    func localText(_ unixNanoseconds: Int64) -> String {
        Self.text(unixNanoseconds, in: zone, separator: " ")
    }

    /// `2026-11-23T12:01:33.042Z`, RFC 3339 in UTC.
    static func rfc3339(_ unixNanoseconds: Int64) -> String {
        let milliseconds = floorModulo(unixNanoseconds, 1_000_000_000) / 1_000_000
        return text(unixNanoseconds, in: .utc, separator: "T") + "." + padded(Int32(milliseconds), 3) + "Z"
    }

    private static func text(_ unixNanoseconds: Int64, in zone: Zone, separator: String) -> String {
        var seconds = time_t((unixNanoseconds - floorModulo(unixNanoseconds, 1_000_000_000)) / 1_000_000_000)
        var parts = tm()
        switch zone {
        case .local: localtime_r(&seconds, &parts)
        case .utc: gmtime_r(&seconds, &parts)
        }
        return padded(parts.tm_year + 1900, 4) + "-" + padded(parts.tm_mon + 1, 2) + "-" + padded(parts.tm_mday, 2)
            + separator + padded(parts.tm_hour, 2) + ":" + padded(parts.tm_min, 2) + ":" + padded(parts.tm_sec, 2)
    }

    private static func floorModulo(_ value: Int64, _ divisor: Int64) -> Int64 {
        let rest = value % divisor
        return rest < 0 ? rest + divisor : rest
    }

    private static func padded(_ number: Int32, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
