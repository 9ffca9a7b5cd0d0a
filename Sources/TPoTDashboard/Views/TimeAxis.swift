import NIOCore

/// A span of time on a row of columns, with round marks.
struct TimeAxis: Hashable {
    struct Tick: Hashable {
        var column: Int
        /// Since the beginning: `0`, `200 ms`, `5 s`.
        var text: String
    }

    /// The shortest span: shorter ones could not be told apart anyway.
    static let shortest = TimeAmount.milliseconds(10)
    private static let longest = TimeAmount.hours(24 * 30)
    /// The least columns between two marks.
    private static let tickColumns = 12
    private static let steps: [Int64] = [1, 2, 5]

    let start: NIODeadline
    let span: TimeAmount
    let columns: Int

    init(from start: NIODeadline, to end: NIODeadline, columns: Int) {
        self.start = start
        span = min(max(end - start, Self.shortest), Self.longest)
        self.columns = max(1, columns)
    }

    var end: NIODeadline { start + span }

    /// The column of a time, 0 at the start; outside of the span it is less than 0, or ``columns`` and more.
    func column(of time: NIODeadline) -> Int {
        let passed = Double((time - start).nanoseconds)
        let column = (passed / Double(span.nanoseconds) * Double(columns)).rounded(.down)
        return Int(min(max(column, -1), Double(columns)))
    }

    /// The columns of a part of the span, at least one; nil if it lies outside.
    func columns(from: NIODeadline, to: NIODeadline) -> Range<Int>? {
        let first = column(of: from)
        let last = column(of: to)
        guard first < columns, last >= 0 else { return nil }
        let start = max(0, first)
        return start..<max(start + 1, min(last + 1, columns))
    }

    /// Marks at round times: 1, 2 or 5 times a power of ten, of minutes or of hours.
    var ticks: [Tick] {
        let wanted = max(1, columns / Self.tickColumns)
        let step = Self.roundStep(span.nanoseconds / Int64(wanted))
        var ticks: [Tick] = []
        var passed: Int64 = 0
        while passed <= span.nanoseconds, ticks.count <= columns {
            let column = column(of: start + .nanoseconds(passed))
            guard column < columns else { break }
            ticks.append(Tick(column: column, text: Self.text(passed)))
            passed += step
        }
        return ticks
    }

    /// The smallest round time that is no less.
    private static func roundStep(_ least: Int64) -> Int64 {
        let second: Int64 = 1_000_000_000
        var unit: Int64 = 1_000_000
        while unit <= 10 * second {
            for factor in steps where factor * unit >= least && factor * unit <= 30 * second { return factor * unit }
            unit *= 10
        }
        let longer: [Int64] = [30, 60, 120, 300, 600, 1800, 3600, 7200, 18_000, 43_200, 86_400]
        return longer.first { $0 * second >= least }.map { $0 * second } ?? (least / (86_400 * second) + 1) * 86_400
            * second
    }

    private static func text(_ nanoseconds: Int64) -> String {
        let milliseconds = nanoseconds / 1_000_000
        let seconds = milliseconds / 1000
        switch seconds {
        case ..<1: return milliseconds == 0 ? "0" : "\(milliseconds) ms"
        case ..<60:
            let rest = milliseconds % 1000
            return rest == 0 ? "\(seconds) s" : "\(seconds).\(rest / 100) s"
        case ..<3600: return seconds % 60 == 0 ? "\(seconds / 60) min" : "\(seconds / 60) min \(seconds % 60) s"
        default: return seconds % 3600 == 0 ? "\(seconds / 3600) h" : "\(seconds / 3600) h \(seconds % 3600 / 60) min"
        }
    }
}
