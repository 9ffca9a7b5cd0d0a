#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Date and time as text, in UTC.
package enum UTCTime {
    /// `2026-11-23T12:01:33.042Z` (RFC 3339).
    package static func rfc3339(unixNanoseconds: Int64) -> String {
        var text: [UInt8] = []
        append(rfc3339: unixNanoseconds, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// The same, appended to a line of a log without making a string.
    package static func append(rfc3339 unixNanoseconds: Int64, to text: inout [UInt8]) {
        append(unixNanoseconds, separator: UInt8(ascii: "T"), to: &text)
        let milliseconds = floorDivide(unixNanoseconds, 1_000_000)
        text.append(UInt8(ascii: "."))
        append(milliseconds - floorDivide(milliseconds, 1000) * 1000, 3, to: &text)
        text.append(UInt8(ascii: "Z"))
    }

    /// `2026-11-23 12:01:33`. Add the offset of local time first to get local time.
    package static func seconds(unixNanoseconds: Int64) -> String {
        var text: [UInt8] = []
        append(unixNanoseconds, separator: UInt8(ascii: " "), to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    private static func append(_ unixNanoseconds: Int64, separator: UInt8, to text: inout [UInt8]) {
        let seconds = floorDivide(unixNanoseconds, 1_000_000_000)
        let days = floorDivide(seconds, 86_400)
        let rest = seconds - days * 86_400
        let (year, month, day) = date(days: days)
        append(year, 4, to: &text)
        text.append(UInt8(ascii: "-"))
        append(month, 2, to: &text)
        text.append(UInt8(ascii: "-"))
        append(day, 2, to: &text)
        text.append(separator)
        append(rest / 3600, 2, to: &text)
        text.append(UInt8(ascii: ":"))
        append(rest / 60 % 60, 2, to: &text)
        text.append(UInt8(ascii: ":"))
        append(rest % 60, 2, to: &text)
    }

    /// The Gregorian date of a day counted from 1970-01-01. Years are taken to begin in March, so that the leap day is
    /// the last day of the year.
    private static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        value % divisor < 0 ? value / divisor - 1 : value / divisor
    }

    /// The number is never negative: the earliest year in 64-bit nanoseconds is 1677.
    private static func append(_ number: Int64, _ width: Int, to text: inout [UInt8]) {
        text.append(decimal: UInt64(clamping: number), width: width)
    }
}

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
