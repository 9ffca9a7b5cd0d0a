import NIOCore
import TPoTCapture

/// The span of time that the timeline shows: that of the selected request and of all on the screen that came close to it.
struct TimelineWindow: Hashable {
    /// A pause of this length between two requests ends the span.
    private static let pause = TimeAmount.seconds(10)
    /// What takes longer, such as a stream, does not make the span begin with it.
    private static let long = TimeAmount.seconds(30)

    let start: NIODeadline
    let end: NIODeadline
    /// Of the requests in the span.
    private(set) var mostAtOnce = 0
    /// The most requests that are counted.
    static let limit = 2000
    private(set) var p50: TimeAmount?
    private(set) var p95: TimeAmount?

    /// - Parameters:
    ///   - zoom: each step halves the span, or doubles it; it ends with the selected request then.
    ///   - now: when what is under way ends, for the picture.
    init?(_ rows: [CaptureRow], selected: UInt64?, zoom: Int, now: NIODeadline) {
        let spans = rows.map { Self.span($0.exchange, now) }.sorted { $0.lowerBound < $1.lowerBound }
        guard let newest = spans.last else { return nil }
        let chosen = rows.first { $0.number == selected }.map { Self.span($0.exchange, now) } ?? newest
        var (low, high) = (chosen.lowerBound, chosen.upperBound)
        // Spans that begin earlier may end later than the selected one, so both directions are looked at until nothing changes.
        var isGrowing = true
        while isGrowing {
            isGrowing = false
            for span in spans where span.lowerBound <= high + Self.pause && span.upperBound + Self.pause >= low {
                let isLong = span.upperBound - span.lowerBound > Self.long
                if span.lowerBound < low, !isLong { (low, isGrowing) = (span.lowerBound, true) }
                if span.upperBound > high { (high, isGrowing) = (span.upperBound, true) }
            }
        }
        let whole = max(high - low, TimeAxis.shortest).nanoseconds
        if zoom > 0 {
            // The selected request stays in sight, with its beginning.
            let part = TimeAmount.nanoseconds(max(whole >> min(zoom, 20), TimeAxis.shortest.nanoseconds))
            low = max(low, min(chosen.lowerBound, high - part))
            high = low + part
        } else if zoom < 0 {
            // To both sides, but not before the clock's beginning.
            let more = TimeAmount.nanoseconds(min(whole, 1 << 40) << min(-zoom, 20) / 2)
            low = low - min(more, low - .uptimeNanoseconds(0))
            high = high + more
        }
        (start, end) = (low, high)
    }

    /// Counts what lies in the span.
    /// - Parameter inside: all requests of which a part does, on the screen or not.
    mutating func count(_ inside: [CaptureRow], now: NIODeadline) {
        mostAtOnce = Self.mostAtOnce(inside.map { Self.span($0.exchange, now) })
        // How long a WebSocket or a stream of events lasts says nothing about the target.
        let answers = inside.filter { row in
            row.exchange.state == .finished && !row.exchange.isOpaque
                && row.responseType?.lowercased() != "text/event-stream"
        }
        let times = answers.compactMap { row in
            row.exchange.times.ended.map { row.exchange.times.taken(at: $0) }
        }.sorted()
        guard !times.isEmpty else { return }
        p50 = times[(times.count - 1) / 2]
        p95 = times[(times.count * 95 - 1) / 100]
    }

    static func span(_ exchange: Exchange, _ now: NIODeadline) -> ClosedRange<NIODeadline> {
        let times = exchange.times
        let end = exchange.state.isOver ? times.responseEnded ?? times.ended ?? times.requestBegan : now
        return times.requestBegan...max(times.requestBegan, end)
    }

    /// The most spans that have a moment in common.
    private static func mostAtOnce(_ spans: [ClosedRange<NIODeadline>]) -> Int {
        let changes =
            spans.map { (time: $0.lowerBound, step: 1) } + spans.map { (time: $0.upperBound, step: -1) }
        var (open, most) = (0, 0)
        // What ends as another one begins does not overlap with it.
        for change in changes.sorted(by: { ($0.time, $0.step) < ($1.time, $1.step) }) {
            open += change.step
            most = max(most, open)
        }
        return max(most, spans.isEmpty ? 0 : 1)
    }
}
