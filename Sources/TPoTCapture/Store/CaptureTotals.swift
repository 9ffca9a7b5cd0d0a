import NIOCore

/// How long answers took, without holds, to two significant digits.
package struct TrafficPercentiles: Hashable, Sendable {
    package var p50: TimeAmount
    package var p90: TimeAmount
    package var p99: TimeAmount
}

/// The totals since the start, and the fill level of the capture.
package struct CaptureTotals: Hashable, Sendable {
    /// Conversations that are open now.
    package var open: Int
    /// The most conversations that were ever open at once.
    package var mostOpen: Int
    /// All conversations so far.
    package var conversations: Int
    /// All exchanges so far.
    package var requests: Int
    /// Exchanges without a final answer.
    package var waiting: Int
    package var bytesIn: Int
    package var bytesOut: Int
    /// Nil before the first complete answer.
    package var percentiles: TrafficPercentiles?
    /// Requests in each of the last 60 seconds, oldest first. The last second is not over yet.
    package var rates: [Int]
    /// The same requests by how they went, for each of these seconds.
    package var statusRates: [StatusRate]

    /// All exchanges so far that did not go well. Replays do not count.
    package var failed: Int
    /// Kept exchanges that did not go well and that no replay has fixed. Replays do not count.
    package var failing: Int
    /// Exchanges that are kept.
    package var kept: Int
    /// Kept exchanges that are marked.
    package var marked: Int
    /// Bytes that are kept.
    package var keptBytes: Int
    /// The limit for kept bytes.
    package var memoryLimit: Int
    /// Exchanges that were dropped for newer ones.
    package var evicted: Int
    /// Events that were lost. Their traffic is missing from all numbers above.
    package var lost: Int

    /// Requests in the last whole second.
    package var requestsPerSecond: Int { rates.dropLast().last ?? 0 }
}

/// The requests of one second, by how they went.
package struct StatusRate: Hashable, Sendable {
    /// Status 1xx, 2xx and 3xx, whole.
    package var well = 0
    /// Status 4xx.
    package var clientErrors = 0
    /// Status 5xx, or the answer did not reach the visitor whole.
    package var failed = 0
    /// Not answered yet, or the end was not seen.
    package var unanswered = 0

    package init() {}

    package var total: Int { well + clientErrors + failed + unanswered }
}

/// The limits of a capture.
package struct CaptureLimits: Hashable, Sendable {
    /// The most bytes of each body, as on the wire; 0 keeps no bodies.
    package var bodyBytes: Int
    /// The most bytes of everything that is kept: heads, bodies and the cost of rows.
    package var memoryBytes: Int

    package init(bodyBytes: Int = 1024 * 1024, memoryBytes: Int = 64 * 1024 * 1024) {
        self.bodyBytes = bodyBytes
        self.memoryBytes = memoryBytes
    }

    /// The most interim heads of one exchange.
    static let interimHeads = 8
    /// The most closed conversations.
    static let closedConversations = 256
}
