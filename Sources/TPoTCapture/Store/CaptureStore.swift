import DequeModule
import NIOConcurrencyHelpers
import NIOCore
import TPoTTraffic

/// Whether the bodies of an exchange contain some text, which is in lower case. It is called under the store's lock.
package typealias BodyContains = @Sendable (_ needle: [UInt8], _ content: CapturedExchange) -> Bool

/// Everything that was captured, bounded in bytes, for whoever shows or exports it.
///
/// Filled by one ``CaptureFeed``, read from any thread. Each call takes a lock for a short time: pages cost what they
/// show, not what is kept. The store works with one filter at a time, that of the list; a page with another filter
/// begins a new search.
package final class CaptureStore: CaptureReading, Sendable {
    /// Events for each time that the lock is taken: fewer than ``WatcherPriority/eventsAtOnce``, for each may bring a
    /// piece of a body, which is copied.
    private static let eventsAtOnce = 64
    /// Rows for each time that the lock is taken while numbers are collected.
    private static let rowsAtOnce = 512

    package let limits: CaptureLimits
    package let clock: TrafficClock
    private let bodyContains: BodyContains
    private let state: NIOLockedValueBox<CaptureState>

    /// - Parameter bodyContains: looks for the text of a filter in bodies; what they mean is not known here.
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

    /// Changes whenever something that can be asked for has changed.
    package var version: UInt64 { state.withLockedValue { $0.version } }

    // MARK: Filling

    package func consume(_ batch: TrafficBus.Batch) {
        let clock = clock.read()
        var rest = batch.events[...]
        while !rest.isEmpty {
            // The lock is taken anew for each few of them: readers wait no longer than that.
            let next = rest.prefix(Self.eventsAtOnce)
            WatcherPriority.yield()
            state.withLockedValue { $0.consume(next, clock) }
            rest = rest.dropFirst(next.count)
        }
        if batch.lost > 0 { state.withLockedValue { $0.eventsWereLost(batch.lost) } }
    }

    // MARK: Reading

    /// Answers everything that `body` asks for as of one moment. It runs under the store's lock: it must not take long.
    package func read<Result>(_ body: (any CaptureReading) -> Result) -> Result {
        let now = clock.read().monotonic
        return state.withLockedValue { state in
            withUnsafeMutablePointer(to: &state) { body(LockedCapture(state: $0, now: now)) }
        }
    }

    package func page(
        _ filter: CaptureFilter = .all,
        upTo last: UInt64 = .max,
        from: Int = 0,
        count: Int
    ) -> CapturePage {
        read { $0.page(filter, upTo: last, from: from, count: count) }
    }

    package func position(
        of number: UInt64,
        _ filter: CaptureFilter = .all,
        upTo last: UInt64 = .max
    ) -> (place: Int, isThere: Bool) {
        read { $0.position(of: number, filter, upTo: last) }
    }

    package func detail(_ number: UInt64) -> CapturedExchange? { read { $0.detail(number) } }

    package func conversations(from: Int = 0, count: Int) -> (rows: [ConversationRow], total: Int) {
        read { $0.conversations(from: from, count: count) }
    }

    package func totals() -> CaptureTotals { read { $0.totals() } }

    package var tunnel: TunnelSnapshot { read { $0.tunnel } }

    package func conversation(_ number: ConversationNumber) -> ConversationRow? {
        state.withLockedValue { $0.conversation(number) }
    }

    /// The numbers of all kept exchanges that match, oldest first; for exports, not for frames.
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

    /// A marked exchange is never evicted or cleared.
    /// - Returns: false when it is not there any more.
    @discardableResult
    package func mark(_ number: UInt64, _ isMarked: Bool = true) -> Bool {
        state.withLockedValue { $0.mark(number, isMarked) }
    }

    /// Forgets what is over and not marked; what is under way stays.
    /// - Returns: how many went.
    @discardableResult
    package func clearUnmarked() -> Int {
        state.withLockedValue { $0.clearUnmarked() }
    }
}

extension CaptureState {
    mutating func totals(at now: NIODeadline) -> CaptureTotals {
        CaptureTotals(
            open: conversations.open,
            mostOpen: conversations.mostOpen,
            conversations: conversations.total,
            requests: meter.requests,
            waiting: assembler.waiting,
            bytesIn: meter.bytesIn,
            bytesOut: meter.bytesOut,
            percentiles: meter.currentPercentiles(),
            rates: meter.rates(at: now),
            kept: records.count,
            marked: marked,
            keptBytes: bytes,
            memoryLimit: limits.memoryBytes,
            evicted: evicted,
            lost: lost
        )
    }
}
