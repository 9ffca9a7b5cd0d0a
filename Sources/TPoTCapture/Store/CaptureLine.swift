import NIOCore

/// A line of the list. The replays of a request stand under it, oldest first.
package enum CaptureLine: Hashable, Sendable {
    /// A request, or a replay whose original is no longer kept.
    case exchange(CaptureRow)
    /// A replay under its original. `isLast` is true for the last line under the same original.
    case replay(CaptureRow, isLast: Bool)
    /// Replays that were asked for at once, under their original.
    case replays(ReplayGroup, isLast: Bool)

    /// The number by which the line is found again: of the exchange, or of the first of several replays.
    package var number: UInt64 {
        switch self {
        case .exchange(let row), .replay(let row, _): row.number
        case .replays(let group, _): group.first
        }
    }

    /// Nil for several replays.
    package var row: CaptureRow? {
        switch self {
        case .exchange(let row), .replay(let row, _): row
        case .replays: nil
        }
    }

    /// Whether something in the line is not over yet.
    package var isLive: Bool {
        switch self {
        case .exchange(let row), .replay(let row, _): !row.exchange.state.isOver
        case .replays(let group, _): group.over < group.count
        }
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
