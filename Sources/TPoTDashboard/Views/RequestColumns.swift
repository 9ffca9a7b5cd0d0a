/// A column of the request table, in the order of the screen.
package enum RequestColumn: String, CaseIterable, Sendable {
    case number, time, remote, event, request, status, took, bytesIn, bytesOut

    /// The title above the column.
    package var title: String {
        switch self {
        case .number: "#"
        case .time: "Time"
        case .remote: "Remote"
        case .event: "Event"
        case .request: "Request"
        case .status: "Status"
        case .took: "Took"
        case .bytesIn: "In"
        case .bytesOut: "Out"
        }
    }

    /// A row is found by its number, and its status must always be seen.
    package var canBeHidden: Bool { self != .number && self != .status }
}

/// Where the columns of the request table are. The least important leave first as the screen becomes narrower.
///
///     ▸ 412   12:01:33  203.0.113.9:52110   Stripe invoice.paid   POST /webhooks/stripe   500   1.6 ms ▏   1.2 K   312 B
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
    private(set) var event: Column?
    /// The method and the request-target, or the target alone.
    private(set) var request: Column?
    /// The only column between number and status shows the event if it is known, else the request line.
    private(set) var isMerged = false
    private(set) var status = Column(start: 0, width: StatusCell.width)
    private(set) var took: Column?
    /// What else is to be said of the time: a verdict, or when the visitor left. It may be that of the bytes.
    private(set) var remark: Column?
    private(set) var bytesIn: Column?
    private(set) var bytesOut: Column?

    /// What leaves, in this order, until event and request have room: the column of remarks, milliseconds, bytes out,
    /// bytes in, the port of the remote address, the address, the time; then event and request become one, and at last the
    /// time taken goes.
    private enum Step: Int, CaseIterable {
        case nothing, remark, milliseconds, bytesOut, bytesIn, port, remote, time, separate, took
    }

    private static let smallest = 33
    private static let smallestMerged = 20
    /// Milliseconds and a column for remarks are worth having only where nothing else is cut for them.
    private static let plenty = 60
    private static let smallestMethod = 20
    /// A verdict on a replay must be readable here.
    private static let smallestRequest = 16
    /// From this width on, the whole request line is in the list.
    private static let wide = 120
    private static let remarkWidth = 16

    /// - Parameter hidden: the columns that the user does not want. See ``RequestColumn/canBeHidden``.
    init(width: Int, newest: UInt64, hidden: Set<RequestColumn> = []) {
        let digits = max(3, String(newest).count)
        for step in Step.allCases {
            let room = arrange(width: width, digits: digits, without: step, hidden)
            let isOne = isMerged || hidden.contains(.event) || hidden.contains(.request)
            let least = isOne ? Self.smallestMerged : Self.smallest
            let needed = step.rawValue < Step.milliseconds.rawValue ? max(Self.plenty, least) : least
            if room >= needed { break }
        }
    }

    /// - Returns: the columns for event and request.
    private mutating func arrange(width: Int, digits: Int, without step: Step, _ hidden: Set<RequestColumn>) -> Int {
        func keeps(_ other: Step) -> Bool { step.rawValue < other.rawValue }
        hasMilliseconds = keeps(.milliseconds)
        hasPort = keeps(.port)
        var column = 2
        func take(_ width: Int, gap: Int = 2) -> Column {
            defer { column += width + gap }
            return Column(start: column, width: width)
        }
        // The branches of replays are as wide as a gap of three.
        number = take(digits, gap: keeps(.bytesOut) ? 3 : 2)
        time = keeps(.time) && !hidden.contains(.time) ? take(hasMilliseconds ? 12 : 8) : nil
        remote = keeps(.remote) && !hidden.contains(.remote) ? take(hasPort ? 21 : 15) : nil
        // The remaining columns are placed from the right end.
        var end = width - 1
        func takeRight(_ width: Int, gap: Int = 2) -> Column {
            defer { end -= width + gap }
            return Column(start: end - width, width: width)
        }
        bytesOut = keeps(.bytesOut) && !hidden.contains(.bytesOut) ? takeRight(7) : nil
        bytesIn = keeps(.bytesIn) && !hidden.contains(.bytesIn) ? takeRight(7) : nil
        let hasTook = keeps(.took) && !hidden.contains(.took)
        remark = hasTook && keeps(.remark) ? takeRight(Self.remarkWidth) : nil
        if hasTook, remark == nil, let bytesIn, let bytesOut {
            remark = Column(start: bytesIn.start, width: bytesOut.end - bytesIn.start)
        }
        // Without a column of their own, remarks take the place of the time.
        took = hasTook ? takeRight(LatencyBar.timeWidth + 1 + (remark == nil ? 7 : LatencyBar.width), gap: 1) : nil
        // The title is wider than the column.
        let title = RequestColumn.status.title.count
        status = Column(start: takeRight(title).start, width: StatusCell.width)
        let room = max(0, end - column)
        isMerged = !keeps(.separate) && !hidden.contains(.event) && !hidden.contains(.request)
        if isMerged || hidden.contains(.request) {
            (event, request) = (Column(start: column, width: room), nil)
        } else if hidden.contains(.event) {
            (event, request) = (nil, Column(start: column, width: room))
        } else {
            // With little room the event gets more of it: events of one sender begin alike and go to one path.
            let share = max(0, room - 2)
            let most = room < Self.plenty ? max(share / 2, min(30, share - Self.smallestRequest)) : share / 2
            let first = min(40, most)
            (event, request) = (
                Column(start: column, width: first), Column(start: column + first + 2, width: max(0, room - first - 2))
            )
        }
        hasMethod = isMerged || width >= Self.wide || request.map { $0.width >= Self.smallestMethod } ?? true
        if hidden.contains(.event), hidden.contains(.request) { (event, request) = (nil, nil) }
        return room
    }

    /// Whether the request column has room for the method in front of the target.
    private(set) var hasMethod = false

    /// Where the title of a column is, and how wide it may be; nil if the column is not shown.
    func place(of column: RequestColumn) -> Column? {
        switch column {
        case .number: number
        case .time: time
        case .remote: remote
        case .event: event
        case .request: request
        case .status: Column(start: status.start, width: column.title.count)
        case .took: took
        case .bytesIn: bytesIn
        case .bytesOut: bytesOut
        }
    }

    /// The column whose title or cells are at a column of the screen.
    func column(at x: Int) -> RequestColumn? {
        RequestColumn.allCases.first { column in place(of: column).map { $0.start..<$0.end ~= x } ?? false }
    }
}
