import TPoTCapture

/// Requests in the last seconds, one bar for each second.
///
/// - The scale does not follow every change: it is 10 requests a second, or 20, 50, 100 and so on, and it is written.
/// - A bar has the colour of the worst that came in its second.
struct RateSparkline {
    /// In seconds.
    static let shortest = 8
    static let longest = 59
    private static let bars: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    let spans: [StyledLine.Span]

    init(_ totals: CaptureTotals, seconds: Int) {
        self.init(totals.statusRates.dropLast().suffix(seconds))
    }

    init(_ seconds: some Collection<StatusRate>) {
        let scale = Self.scale(seconds.map(\.total).max() ?? 0)
        var spans: [StyledLine.Span] = []
        for second in seconds {
            // Even a single request is seen to be more than none.
            let level = second.total == 0 ? 0 : max(1, min(7, (second.total * 7 + scale - 1) / scale))
            let (bar, role) = (String(Self.bars[level]), Self.role(second))
            if spans.last?.role == role { spans[spans.count - 1].text += bar } else { spans.append(.init(bar, role)) }
        }
        let last = seconds.reduce(into: 0) { $0 = $1.total }
        self.spans = spans + [.init(" \(Formats.grouped(last))/s"), .init(" █=\(Formats.grouped(scale))", .dim)]
    }

    /// The least of 10, 20, 50, 100, … that is not below `most`.
    private static func scale(_ most: Int) -> Int {
        var scale = 10
        var factors = [2, 5, 10].makeIterator()
        var decade = 10
        while scale < most, scale < 1 << 40 {
            if let factor = factors.next() {
                scale = decade * factor
            } else {
                decade *= 10
                factors = [2, 5, 10].makeIterator()
            }
        }
        return scale
    }

    private static func role(_ second: StatusRate) -> StyleRole {
        if second.failed > 0 { return .serverError }
        if second.clientErrors > 0 { return .clientError }
        if second.well > 0 { return .success }
        return second.unanswered > 0 ? .waiting : .dim
    }
}
