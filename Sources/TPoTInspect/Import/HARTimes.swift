import NIOCore
import TPoTCapture
import TPoTWire

/// The times of an entry.
struct HARTimes {
    /// When the first entry began, in monotonic time. That time is not in the file: only what lies between the times of
    /// exchanges has a meaning. It is so large that no time before it is negative.
    static let reference = NIODeadline.uptimeNanoseconds(1 << 61)
    /// Some 36 years: no sum of such spans overflows.
    static let longest: Int64 = 1 << 60

    let times: ExchangeTimes

    /// - Parameters:
    ///   - isOurs: `blocked` is the time in a hold. Browsers wait there for a connection.
    ///   - isAnswered: the head of an answer came.
    ///   - isOpaque: it lasts until its conversation ends.
    ///   - neededConnection: it ended before the target was connected.
    init(
        began: NIODeadline,
        _ entry: [String: JSONSlice],
        isOurs: Bool,
        isAnswered: Bool,
        isOpaque: Bool,
        neededConnection: Bool
    ) {
        let spans = (entry["timings"]?.members(["blocked", "dns", "connect", "ssl", "send", "wait", "receive"]) ?? [:])
            .compactMapValues { Self.nanoseconds(milliseconds: $0.number) }
        let whole = entry["time"].flatMap { Self.nanoseconds(milliseconds: $0.number) }
        func span(_ name: String) -> TimeAmount { .nanoseconds(spans[name] ?? 0) }
        var times = ExchangeTimes(opened: began, requestBegan: began)
        var connect = span("dns") + span("connect")
        if isOurs { times.held = span("blocked") } else { connect = connect + span("blocked") }
        var wait = span("wait")
        let sum = times.held + connect + span("send") + wait + span("receive")
        if let whole {
            let left = TimeAmount.nanoseconds(whole) - sum
            if spans.isEmpty {
                wait = left
            } else if let ssl = spans["ssl"], ssl > 0, left >= .nanoseconds(ssl - 500_000) {
                // `connect` includes it, but not in files of mitmproxy.
                connect = connect + .nanoseconds(ssl)
            }
        }
        let held = began + times.held
        let connected = held + connect
        times.neededConnection = neededConnection || connect > .zero
        if !neededConnection, connect > .zero { times.connected = connected }
        let sent = connected + span("send")
        times.requestEnded = sent
        let answered = sent + wait
        if isAnswered { times.responseBegan = answered }
        let ended = answered + span("receive")
        if isAnswered, !isOpaque { times.responseEnded = ended }
        times.ended = ended
        self.times = times
    }

    /// Nil for what has no time: -1, as the specification writes it, or no number.
    private static func nanoseconds(milliseconds: Double?) -> Int64? {
        guard let milliseconds, milliseconds >= 0 else { return nil }
        return Int64(min(milliseconds * 1_000_000, Double(longest >> 4)).rounded())
    }

    /// The monotonic time of a time of day.
    /// - Parameter unixNanoseconds: both times of day since 1970.
    static func deadline(_ unixNanoseconds: Int64, first: Int64) -> NIODeadline {
        let (since, isTooLarge) = unixNanoseconds.subtractingReportingOverflow(first)
        let limited = isTooLarge ? (unixNanoseconds < first ? -longest : longest) : min(max(since, -longest), longest)
        return reference + .nanoseconds(limited)
    }
}
