import NIOCore

/// A line of the list. The replays of a request stand under it, oldest first.
package enum CaptureLine: Hashable, Sendable {
    /// A request, or a replay whose original is no longer kept.
    case exchange(CaptureRow)
    /// A replay under its original. `isLast` is true for the last line under the same original.
    case replay(CaptureRow, isLast: Bool)
    /// Replays that were asked for at once, under their original.
    case replays(ReplayGroup, isLast: Bool)
    /// What stands below it is of earlier runs.
    case earlier(EarlierLine)

    /// The number by which the line is found again: of the exchange, or of the first of several replays.
    package var number: UInt64 {
        switch self {
        case .exchange(let row), .replay(let row, _): row.number
        case .replays(let group, _): group.first
        case .earlier(let line): line.number
        }
    }

    /// Nil for several replays, and for the line above earlier runs.
    package var row: CaptureRow? {
        switch self {
        case .exchange(let row), .replay(let row, _): row
        case .replays, .earlier: nil
        }
    }

    package var isEarlierLine: Bool {
        if case .earlier = self { return true }
        return false
    }

    /// Whether something in the line is not over yet.
    package var isLive: Bool {
        switch self {
        case .exchange(let row), .replay(let row, _): !row.exchange.state.isOver
        case .replays(let group, _): group.over < group.count
        case .earlier: false
        }
    }
}

/// The line above the exchanges of earlier runs.
package struct EarlierLine: Hashable, Sendable {
    /// No exchange has this number.
    package var number: UInt64
    /// When the newest exchange below it arrived, in nanoseconds since 1970 (UTC).
    package var unixNanoseconds: Int64

    package init(number: UInt64, unixNanoseconds: Int64) {
        self.number = number
        self.unixNanoseconds = unixNanoseconds
    }
}

/// Several replays of one request that were asked for at once, as one line.
package struct ReplayGroup: Hashable, Sendable {
    package struct StatusCount: Hashable, Sendable {
        /// Nil for replays that ended without an answer.
        package var status: Int?
        package var count: Int

        package init(status: Int?, count: Int) {
            self.status = status
            self.count = count
        }
    }

    package var batch: UInt64
    package var original: UInt64
    /// The numbers of the first and the last of them.
    package var first: UInt64
    package var last: UInt64
    /// How many came so far and are kept.
    package var count: Int
    /// How many of them are over.
    package var over: Int
    /// Of those that are over or have a status, the most frequent first.
    package var statuses: [StatusCount]
    /// The median of how long the complete answers took; nil before the first.
    package var p50: TimeAmount?
    /// The worst of all verdicts; nil before all are over.
    package var verdict: ReplayVerdict?

    package init(
        batch: UInt64,
        original: UInt64,
        first: UInt64,
        last: UInt64,
        count: Int,
        over: Int = 0,
        statuses: [StatusCount] = [],
        p50: TimeAmount? = nil,
        verdict: ReplayVerdict? = nil
    ) {
        self.batch = batch
        self.original = original
        self.first = first
        self.last = last
        self.count = count
        self.over = over
        self.statuses = statuses
        self.p50 = p50
        self.verdict = verdict
    }
}
