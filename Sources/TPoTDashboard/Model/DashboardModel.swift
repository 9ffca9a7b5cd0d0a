import NIOCore
import TPoTCapture
import TPoTTraffic

/// The read-only inputs of updates and views: the current time and the sources of all data.
package struct DashboardModel {
    private let store: any TrafficSource
    package private(set) var source: any CaptureReading
    package let log: LogBuffer
    package let facts: DashboardFacts
    package let now: TrafficClock.Reading
    /// Documents that are already laid out.
    let documents: DocumentCache

    package init(
        source: any TrafficSource,
        log: LogBuffer,
        facts: DashboardFacts,
        now: TrafficClock.Reading,
        documents: DocumentCache
    ) {
        store = source
        self.source = source
        self.log = log
        self.facts = facts
        self.now = now
        self.documents = documents
    }

    /// Runs `body` with a model whose source answers from one snapshot. `body` runs under a lock: keep it short.
    func withSnapshot<Result>(_ body: (DashboardModel) -> Result) -> Result {
        store.read { reading in
            var model = self
            model.source = reading
            return body(model)
        }
    }
}

extension DashboardModel {
    /// The number of the newest exchange, whether it matches the filter or not.
    /// - Parameter query: the list's. The store keeps one list, so another query would start a new search.
    func newest(_ query: CaptureQuery) -> UInt64 {
        source.page(query, from: 0, count: 0).newest
    }

    func conversations(_ freeze: FrozenPicture?, from: Int, count: Int) -> (rows: [ConversationRow], total: Int) {
        guard let freeze else { return source.conversations(from: from, count: count) }
        let all = freeze.conversations.rows
        return (Array(all.dropFirst(max(0, from)).prefix(max(0, count))), all.count)
    }

    /// The place of a conversation in its list, or of the next older one. A binary search: the list is sorted.
    func place(ofConversation number: ConversationNumber, _ freeze: FrozenPicture?) -> Int {
        var low = 0
        var high = conversations(freeze, from: 0, count: 0).total
        while low < high {
            let middle = (low + high) / 2
            guard let row = conversations(freeze, from: middle, count: 1).rows.first else { return low }
            if row.number > number { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func logRange(_ freeze: FrozenPicture?) -> Range<Int> {
        let range = log.range
        guard let freeze else { return range }
        return range.clamped(to: range.lowerBound..<max(range.lowerBound, freeze.logEnd))
    }
}

/// The source of the captured traffic that the dashboard shows: ``CaptureStore``, or a fake in tests.
package protocol TrafficSource: CaptureReading, AnyObject, Sendable {
    /// Changes whenever any answer of this source may have changed.
    var version: UInt64 { get }

    /// Runs `body` on one consistent snapshot. `body` runs under a lock: keep it short.
    func read<Result>(_ body: (any CaptureReading) -> Result) -> Result

    @discardableResult func mark(_ number: UInt64, _ isMarked: Bool) -> Bool
    @discardableResult func clearUnmarked() -> Int
}

extension CaptureStore: TrafficSource {}
