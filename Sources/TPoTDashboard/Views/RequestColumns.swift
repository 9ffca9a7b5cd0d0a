/// The columns of the request table. The least important are left out first as the screen becomes narrower.
///
///     ▸ 412   12:01:33.042  203.0.113.9:52110      POST    /webhooks/stripe       200        35 ms    1.2 K    312 B
struct RequestColumns: Hashable, Sendable {
    struct Column: Hashable, Sendable {
        var start: Int
        var width: Int
        var end: Int { start + width }
    }

    private(set) var number = Column(start: 2, width: 3)
    private(set) var time: Column?
    private(set) var hasMilliseconds = false
    private(set) var remote: Column?
    private(set) var hasPort = false
    private(set) var method = Column(start: 0, width: 7)
    private(set) var path = Column(start: 0, width: 0)
    private(set) var status = Column(start: 0, width: StatusCell.width)
    private(set) var took: Column?
    private(set) var bytesIn: Column?
    private(set) var bytesOut: Column?

    /// What is left out, in this order: milliseconds, bytes out, bytes in, the port of the remote address, the address,
    /// the time taken, the time.
    private enum Step: Int, CaseIterable {
        case nothing, milliseconds, bytesOut, bytesIn, port, remote, took, time
    }

    private static let smallestPath = 20

    init(width: Int, newest: UInt64) {
        let digits = max(3, String(newest).count)
        for step in Step.allCases {
            arrange(width: width, digits: digits, without: step)
            if path.width >= Self.smallestPath { break }
        }
    }

    private mutating func arrange(width: Int, digits: Int, without step: Step) {
        func keeps(_ other: Step) -> Bool { step.rawValue < other.rawValue }
        hasMilliseconds = keeps(.milliseconds)
        hasPort = keeps(.port)
        let wide = width >= 100
        var column = 2
        func take(_ width: Int, gap: Int) -> Column {
            defer { column += width + gap }
            return Column(start: column, width: width)
        }
        number = take(digits, gap: wide ? 3 : 2)
        time = keeps(.time) ? take(hasMilliseconds ? 12 : 8, gap: 2) : nil
        remote = keeps(.remote) ? take(hasPort ? 21 : 15, gap: 2) : nil
        method = take(7, gap: 1)
        // The remaining columns are placed from the right end.
        var end = width - 1
        func takeRight(_ width: Int, gap: Int) -> Column {
            defer { end -= width + gap }
            return Column(start: end - width, width: width)
        }
        bytesOut = keeps(.bytesOut) ? takeRight(7, gap: 2) : nil
        bytesIn = keeps(.bytesIn) ? takeRight(7, gap: 2) : nil
        took = keeps(.took) ? takeRight(14, gap: 1) : nil
        status = takeRight(StatusCell.width, gap: 2)
        path = Column(start: column, width: max(0, end - column))
    }
}
