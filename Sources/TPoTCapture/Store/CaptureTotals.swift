import NIOCore

/// How long answers took, without the wait for a hold, to two digits.
package struct TrafficPercentiles: Hashable, Sendable {
    package var p50: TimeAmount
    package var p90: TimeAmount
    package var p99: TimeAmount
}

/// What passed since the start, and how the capture stands.
package struct CaptureTotals: Hashable, Sendable {
    /// Conversations.
    package var open: Int
    package var mostOpen: Int
    package var conversations: Int
    /// Exchanges that began.
    package var requests: Int
    /// Exchanges without a final answer.
    package var waiting: Int
    package var bytesIn: Int
    package var bytesOut: Int
    /// Nil before the first complete answer.
    package var percentiles: TrafficPercentiles?
    /// Requests in each of the last 60 seconds, the oldest first; the last second has just begun.
    package var rates: [Int]

    /// Exchanges that are kept, and those of them that are marked.
    package var kept: Int
    package var marked: Int
    /// Bytes that are kept, and the limit for them.
    package var keptBytes: Int
    package var memoryLimit: Int
    /// Exchanges that were given up for newer ones.
    package var evicted: Int
    /// Events that were never seen: what passed then is missing in all numbers above.
    package var lost: Int

    /// Requests in the last whole second.
    package var requestsPerSecond: Int { rates.dropLast().last ?? 0 }
}

/// How much a capture keeps.
package struct CaptureLimits: Hashable, Sendable {
    /// Bytes of each body, as on the wire; 0 for no bodies.
    package var bodyBytes: Int
    /// Bytes of everything that is kept: heads, bodies and what a row costs.
    package var memoryBytes: Int

    package init(bodyBytes: Int = 1024 * 1024, memoryBytes: Int = 64 * 1024 * 1024) {
        self.bodyBytes = bodyBytes
        self.memoryBytes = memoryBytes
    }

    /// Interim heads of one exchange that are kept.
    static let interimHeads = 8
    /// Closed conversations that are remembered.
    static let closedConversations = 256
}
