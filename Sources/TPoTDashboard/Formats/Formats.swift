import NIOCore

/// The dashboard's number formats. Their widths hardly change while a number counts up.
package enum Formats {
    // MARK: Bytes

    /// For columns: `0 B`, `312 B`, `1.2 K`, `44.1 K`, `1.0 M`; 7 columns at most.
    package static func bytes(_ count: Int) -> String {
        scaled(count, units: ["B", "K", "M", "G", "T", "P", "E"])
    }

    /// For sentences: `312 B`, `1.2 KiB`, `38.4 MiB`.
    package static func byteSum(_ count: Int) -> String {
        scaled(count, units: ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"])
    }

    private static func scaled(_ count: Int, units: [String]) -> String {
        guard count >= 1024 else { return "\(max(0, count)) \(units[0])" }
        var unit = 1
        var size = 1024
        // 1,023.96 would be rounded to 1024.0, so the next unit begins a little early.
        while unit < units.count - 1, Double(count) / Double(size) >= 1023.95 {
            unit += 1
            size <<= 10
        }
        return "\(tenths(Double(count) / Double(size))) \(units[unit])"
    }

    private static func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// The exact number: `1 byte`, `1,234 bytes`.
    package static func exactBytes(_ count: Int) -> String {
        count == 1 ? "1 byte" : "\(grouped(count)) bytes"
    }

    package static func grouped(_ number: Int) -> String {
        var digits = Array(String(number.magnitude))
        var place = digits.count - 3
        while place > 0 {
            digits.insert(",", at: place)
            place -= 3
        }
        return (number < 0 ? "-" : "") + String(digits)
    }

    /// `1 request`, `12 requests`.
    package static func count(_ number: Int, _ noun: String) -> String {
        "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
    }

    // MARK: Times

    /// `0.4 ms`, `35 ms`, `3.2 s`, `12 m 31 s`, `3 h 05 m`, `2 d 03 h`.
    package static func duration(_ amount: TimeAmount) -> String {
        let nanoseconds = max(0, amount.nanoseconds)
        let milliseconds = nanoseconds / 1_000_000
        let seconds = nanoseconds / 1_000_000_000
        if nanoseconds < 50_000 { return "0 ms" }
        if nanoseconds < 9_950_000 { return "\(tenths(Double(nanoseconds) / 1_000_000)) ms" }
        if milliseconds < 1000 { return "\(milliseconds) ms" }
        if milliseconds < 60_000 { return "\(seconds).\(milliseconds % 1000 / 100) s" }
        if seconds < 3600 { return "\(seconds / 60) m \(padded(seconds % 60)) s" }
        if seconds < 86_400 { return "\(seconds / 3600) h \(padded(seconds / 60 % 60)) m" }
        return "\(seconds / 86_400) d \(padded(seconds / 3600 % 24)) h"
    }

    /// `00:12:31`, `3 d 00:12:31`.
    package static func upTime(_ amount: TimeAmount) -> String {
        let seconds = max(0, amount.nanoseconds) / 1_000_000_000
        let days = seconds >= 86_400 ? "\(seconds / 86_400) d " : ""
        return "\(days)\(padded(seconds / 3600 % 24)):\(padded(seconds / 60 % 60)):\(padded(seconds % 60))"
    }

    /// `12:01:33.042`.
    /// - Parameter unixNanoseconds: since 1970, in local time: the caller has added the time zone's offset.
    package static func timeOfDay(_ unixNanoseconds: Int64, withMilliseconds: Bool = true) -> String {
        let day: Int64 = 86_400_000_000_000
        let time = (unixNanoseconds % day + day) % day
        let seconds = time / 1_000_000_000
        let text = "\(padded(seconds / 3600)):\(padded(seconds / 60 % 60)):\(padded(seconds % 60))"
        return withMilliseconds ? "\(text).\(padded(time / 1_000_000 % 1000, 3))" : text
    }

    private static func padded(_ number: Int64, _ width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
