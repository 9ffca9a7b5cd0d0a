/// The time of day as text, in UTC.
package enum UTCTime {
    /// `2026-11-23T12:01:33.042Z` (RFC 3339).
    package static func rfc3339(unixNanoseconds: Int64) -> String {
        let milliseconds = floorDivide(unixNanoseconds, 1_000_000)
        let rest = milliseconds - floorDivide(milliseconds, 1000) * 1000
        return seconds(unixNanoseconds: unixNanoseconds, separator: "T") + ".\(padded(rest, 3))Z"
    }

    /// `2026-11-23 12:01:33`; local time where its offset has been added.
    package static func seconds(unixNanoseconds: Int64, separator: String = " ") -> String {
        let seconds = floorDivide(unixNanoseconds, 1_000_000_000)
        let days = floorDivide(seconds, 86_400)
        let rest = seconds - days * 86_400
        let (year, month, day) = date(days: days)
        let time = [rest / 3600, rest / 60 % 60, rest % 60].map { padded($0, 2) }.joined(separator: ":")
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))\(separator)\(time)"
    }

    /// The date of a day counted from 1970-01-01, in the Gregorian calendar; the year is taken to begin in March, so
    /// that the leap day is its last.
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
        value >= 0 ? value / divisor : (value - divisor + 1) / divisor
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
