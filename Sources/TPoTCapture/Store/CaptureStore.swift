import DequeModule
import NIOConcurrencyHelpers
import NIOCore
import TPoTTraffic

/// Whether the bodies of an exchange contain a text, which is in lower case. It is called under the store's lock.
package typealias BodyContains = @Sendable (_ needle: [UInt8], _ content: CapturedExchange) -> Bool

/// Everything that was captured, bounded in bytes, for display and export.
///
/// - One ``CaptureFeed`` fills it. Any thread may read it.
/// - Each call takes a lock for a short time. The cost of a page depends on its length, not on what is kept.
/// - The store keeps the index of one filter at a time. A page with another filter starts a new search.
package final class CaptureStore: CaptureReading, Sendable {
    /// The events consumed under one lock. They are fewer than ``BackgroundPriority/eventsAtOnce``, because each may bring
    /// a piece of a body, which is copied.
    private static let eventsAtOnce = 64
    /// The rows read under one lock while numbers are collected.
    private static let rowsAtOnce = 512

    package let limits: CaptureLimits
    package let clock: TrafficClock
    private let bodyContains: BodyContains
    private let state: NIOLockedValueBox<CaptureState>

    /// - Parameter bodyContains: searches bodies for the text of a filter. This target does not decode bodies itself.
    package init(
        limits: CaptureLimits = CaptureLimits(),
        clock: TrafficClock = .system,
        bodyContains: @escaping BodyContains
    ) {
        self.limits = limits
        self.clock = clock
        self.bodyContains = bodyContains
        state = NIOLockedValueBox(CaptureState(limits: limits, bodyContains: bodyContains))
    }

    /// Changes whenever any answer of the store may have changed.
    package var version: UInt64 { state.withLockedValue { $0.version } }

    // MARK: Filling

    package func consume(_ batch: TrafficBus.Batch) {
        let clock = clock.read()
        var rest = batch.events[...]
        while !rest.isEmpty {
            // The lock is taken for a few events at a time, so that readers never wait long.
            let next = rest.prefix(Self.eventsAtOnce)
            BackgroundPriority.yield()
            state.withLockedValue { $0.consume(next, clock) }
            rest = rest.dropFirst(next.count)
        }
        if batch.lost > 0 { state.withLockedValue { $0.noteLostEvents(batch.lost) } }
    }

    // MARK: Reading

    /// Runs `body` on one consistent snapshot. `body` runs under the store's lock: keep it short.
    package func read<Result>(_ body: (any CaptureReading) -> Result) -> Result {
        let now = clock.read().monotonic
        return state.withLockedValue { state in
            withUnsafeMutablePointer(to: &state) { body(LockedCapture(state: $0, now: now)) }
        }
    }

    package func page(_ query: CaptureQuery = CaptureQuery(), from: Int = 0, count: Int) -> CapturePage {
        read { $0.page(query, from: from, count: count) }
    }

    package func position(
        of number: UInt64,
        _ query: CaptureQuery = CaptureQuery()
    ) -> (place: Int, isThere: Bool) {
        read { $0.position(of: number, query) }
    }

    package func detail(_ number: UInt64) -> CapturedExchange? { read { $0.detail(number) } }

    package func conversations(from: Int = 0, count: Int) -> (rows: [ConversationRow], total: Int) {
        read { $0.conversations(from: from, count: count) }
    }

    package func totals() -> CaptureTotals { read { $0.totals() } }

    package func clearable() -> Int { read { $0.clearable() } }

    package var tunnel: TunnelSnapshot { read { $0.tunnel } }

    package func conversation(_ number: ConversationNumber) -> ConversationRow? {
        state.withLockedValue { $0.conversation(number) }
    }

    /// The numbers of all kept exchanges that match, oldest first. It is for exports: too slow for each frame.
    package func numbers(matching filter: CaptureFilter) -> [UInt64] {
        let all = state.withLockedValue { Array($0.records.numbers) }
        var matching: [UInt64] = []
        var rest = all[...]
        while !rest.isEmpty {
            let next = rest.prefix(Self.rowsAtOnce)
            let contents = state.withLockedValue { state in next.compactMap { state.records[$0]?.content } }
            for content in contents
            where filter.matches(content.exchange, bodyContains: { bodyContains($0, content) }) {
                matching.append(content.number)
            }
            rest = rest.dropFirst(next.count)
        }
        return matching
    }

    // MARK: Changing

    /// Marks or unmarks an exchange. A marked exchange is never evicted or cleared.
    /// - Returns: false if the exchange is no longer kept.
    @discardableResult
    package func mark(_ number: UInt64, _ isMarked: Bool = true) -> Bool {
        state.withLockedValue { $0.mark(number, isMarked) }
    }

    /// Removes all finished exchanges that are not marked. Unfinished ones stay.
    /// - Returns: the number of removed exchanges.
    @discardableResult
    package func clearUnmarked() -> Int {
        state.withLockedValue { $0.clearUnmarked() }
    }
}

extension CaptureState {
    mutating func computeTotals(at now: NIODeadline) -> CaptureTotals {
        CaptureTotals(
            open: conversations.open,
            mostOpen: conversations.mostOpen,
            conversations: conversations.total,
            requests: meter.requests,
            waiting: assembler.waiting,
            bytesIn: meter.bytesIn,
            bytesOut: meter.bytesOut,
            percentiles: meter.computePercentiles(),
            rates: meter.computeRates(at: now),
            statusRates: [],
            failed: failed,
            failing: 0,
            kept: records.count,
            marked: marked,
            keptBytes: bytes,
            memoryLimit: limits.memoryBytes,
            evicted: evicted,
            lost: lost
        )
    }
}
