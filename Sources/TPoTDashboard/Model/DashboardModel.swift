import NIOCore
import TPoTCapture
import TPoTTraffic

/// What update and views may ask: a moment, and where everything else comes from.
package struct DashboardModel {
    private let store: any TrafficSource
    package private(set) var source: any CaptureReading
    package let log: LogBuffer
    package let facts: DashboardFacts
    package let now: TrafficClock.Reading
    /// Texts that were laid out already.
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

    /// Answers everything that `body` asks the model's source for as of one moment. It must not take long.
    func atOneMoment<Result>(_ body: (DashboardModel) -> Result) -> Result {
        store.read { reading in
            var model = self
            model.source = reading
            return body(model)
        }
    }
}

extension DashboardModel {
    /// The number of the newest exchange of all.
    /// - Parameter filter: that of the list: the store works with one at a time.
    func newest(_ filter: CaptureFilter) -> UInt64 {
        source.page(filter, upTo: .max, from: 0, count: 0).newest
    }

    func conversations(_ freeze: FrozenPicture?, from: Int, count: Int) -> (rows: [ConversationRow], total: Int) {
        guard let freeze else { return source.conversations(from: from, count: count) }
        let all = freeze.conversations.rows
        return (Array(all.dropFirst(max(0, from)).prefix(max(0, count))), all.count)
    }

    /// The place of a conversation in its list, or of the next older one: found by halving, since they are in order.
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

/// Where the dashboard gets what it shows. ``CaptureStore`` is one.
package protocol TrafficSource: CaptureReading, AnyObject, Sendable {
    /// Changes whenever something that can be asked for has changed.
    var version: UInt64 { get }

    /// Answers everything that `body` asks for as of one moment; it must not take long.
    func read<Result>(_ body: (any CaptureReading) -> Result) -> Result

    @discardableResult func mark(_ number: UInt64, _ isMarked: Bool) -> Bool
    @discardableResult func clearUnmarked() -> Int
}

extension CaptureStore: TrafficSource {}
