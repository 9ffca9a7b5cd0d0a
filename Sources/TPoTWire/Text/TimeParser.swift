extension UTCTime {
    /// Reads `2026-11-23T13:01:33.042+01:00` (RFC 3339), also with `+0100`, and without fraction or offset, which then is UTC.
    /// - Returns: nanoseconds since 1970. Nil if it is no such time, or does not fit.
    package static func unixNanoseconds(rfc3339 text: some Collection<UInt8>) -> Int64? {
        guard text.count <= 64 else { return nil }
        var parser = TimeParser(rest: Array(text)[...])
        return parser.unixNanoseconds()
    }

    /// The day counted from 1970-01-01 in the Gregorian calendar. Years are taken to begin in March, so that the leap day
    /// is the last day of the year.
    fileprivate static func days(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = (year / 400, year % 400)
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

private struct TimeParser {
    var rest: ArraySlice<UInt8>

    mutating func unixNanoseconds() -> Int64? {
        guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2),
            1...12 ~= month, 1...31 ~= day, take("Tt "),
            let hour = number(2), take(":"), let minute = number(2), hour < 24, minute < 60
        else { return nil }
        var second = 0
        if take(":") {
            // A leap second counts as the one before it.
            guard let value = number(2), value <= 60 else { return nil }
            second = min(value, 59)
        }
        let nanoseconds = take(".,") ? fraction() : 0
        guard let offset = offset(), rest.isEmpty, year > 0 else { return nil }
        let days = UTCTime.days(year: year, month: month, day: day)
        let seconds = Int64(days * 86_400 + hour * 3600 + minute * 60 + second - offset)
        let (product, isTooLarge) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, isStillTooLarge) = product.addingReportingOverflow(nanoseconds)
        return isTooLarge || isStillTooLarge ? nil : sum
    }

    private mutating func take(_ characters: StaticString) -> Bool {
        guard let byte = rest.first, characters.description.utf8.contains(byte) else { return false }
        rest = rest.dropFirst()
        return true
    }

    private mutating func number(_ width: Int) -> Int? {
        let digits = rest.prefix(width)
        guard digits.count == width, digits.allSatisfy(\.isASCIIDigit) else { return nil }
        rest = rest.dropFirst(width)
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// Nanoseconds. More than nine digits are cut.
    private mutating func fraction() -> Int64 {
        let digits = rest.prefix { $0.isASCIIDigit }
        rest = rest.dropFirst(digits.count)
        let value = digits.prefix(9).reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) }
        return (digits.count..<max(9, digits.count)).reduce(value) { value, _ in value * 10 }
    }

    /// Seconds by which the time is ahead of UTC.
    private mutating func offset() -> Int? {
        if rest.isEmpty || take("Zz") { return 0 }
        let sign = take("+") ? 1 : take("-") ? -1 : 0
        guard sign != 0, let hours = number(2) else { return nil }
        _ = take(":")
        return sign * (hours * 3600 + (number(2) ?? 0) * 60)
    }
}
