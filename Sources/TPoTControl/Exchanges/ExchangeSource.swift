import TPoTCapture
import TPoTHistory

/// Where a process finds exchanges: in its own store first, where those are that are under way or not saved yet, and then
/// in the history. It may wait for the disk.
package struct ExchangeSource: Sendable {
    /// What of the history is this run's.
    package struct Saved: Sendable {
        package var file: HistoryFile
        /// See ``HistoryWriter/firstNumber`` and ``HistoryWriter/runs``.
        package var firstNumber: UInt64
        package var runs: @Sendable () -> [Int64]
        /// What tells earlier runs of this tunnel: its name or its target.
        package var tunnel: String

        package init(
            file: HistoryFile,
            firstNumber: UInt64,
            runs: @escaping @Sendable () -> [Int64],
            tunnel: String
        ) {
            self.file = file
            self.firstNumber = firstNumber
            self.runs = runs
            self.tunnel = tunnel
        }
    }

    /// Exchanges that are looked at before the store may be used by others.
    private static let contentsAtOnce = 64

    package let store: CaptureStore
    let saved: Saved?
    let meaning: CaptureMeaning

    package init(_ store: CaptureStore, _ saved: Saved?, meaning: CaptureMeaning) {
        self.store = store
        self.saved = saved
        self.meaning = meaning
    }

    /// Which exchanges are asked for.
    struct Query {
        var filter = CaptureFilter.all
        /// Only those with a smaller number.
        var before: UInt64?
        /// Only those with a larger number. Without ``before`` the first ones after it are meant, otherwise the last ones.
        var after: UInt64?
        /// Only those that arrived at or after this time, in nanoseconds since 1970.
        var since: Int64?
        /// Only those that are over.
        var isFinished = false
        /// Also those of other runs of this tunnel.
        var includesEarlier = false
        /// The first ones that match, not the last ones.
        var isOldestFirst = false
        var limit = 50

        var range: ClosedRange<UInt64>? {
            let first = after.map { $0 < .max ? $0 + 1 : .max } ?? 0
            let last = before.map { $0 > 0 ? $0 - 1 : 0 } ?? .max
            return first <= last ? first...last : nil
        }
    }

    /// Exchanges in the order of their numbers.
    struct Page {
        var contents: [CapturedExchange] = []
        /// There are more that match.
        var hasMore = false
    }

    /// An exchange with its contents, of this run or of any other in the history.
    func find(_ number: UInt64) throws(ControlRefusal) -> CapturedExchange? {
        if let content = store.understood(number) { return content }
        guard let saved, saved.file.exists else { return nil }
        return try reading { try HistoryReader(saved.file, meaning: meaning).exchange(number) }
    }

    func page(_ query: Query) throws(ControlRefusal) -> Page {
        var query = query
        if !query.includesEarlier, let saved {
            // The store may have some from before, and the search in the history is short, whatever else is there.
            query.after = max(query.after ?? 0, saved.firstNumber - min(1, saved.firstNumber))
        }
        guard let range = query.range else { return Page() }
        var found: [UInt64: CapturedExchange] = [:]
        for content in try searchHistory(query) { found[content.number] = content }
        // Those of the store are newer, where both have one.
        for content in searchStore(query, range) { found[content.number] = content }
        let contents = found.values.sorted { $0.number < $1.number }
        let limited = query.isOldestFirst ? contents.prefix(query.limit) : contents.suffix(query.limit)
        return Page(contents: Array(limited), hasMore: contents.count > query.limit)
    }

    private func searchStore(_ query: Query, _ range: ClosedRange<UInt64>) -> [CapturedExchange] {
        var matching: [CapturedExchange] = []
        var rest: ClosedRange<UInt64>? = range
        while let range = rest, matching.count <= query.limit {
            let contents = store.contents(
                in: range,
                oldestFirst: query.isOldestFirst,
                count: Self.contentsAtOnce
            )
            for content in contents where matching.count <= query.limit {
                if let match = match(content, query) { matching.append(match) }
            }
            guard contents.count == Self.contentsAtOnce, let last = contents.last?.number else { break }
            rest =
                query.isOldestFirst
                ? (last < range.upperBound ? last + 1...range.upperBound : nil)
                : (last > range.lowerBound ? range.lowerBound...last - 1 : nil)
        }
        return matching
    }

    private func match(_ content: CapturedExchange, _ query: Query) -> CapturedExchange? {
        guard !query.isFinished || content.exchange.state.isOver else { return nil }
        if let since = query.since, content.row.unixNanoseconds < since { return nil }
        let isKnown = content.row.delivery != nil || !query.filter.needsDelivery
        let content = isKnown ? content : store.understood(content.number) ?? content
        guard query.filter.matches(content, bodyContains: { meaning.bodyContains($0, content) }) else { return nil }
        return content.row.delivery == nil ? store.understood(content.number) ?? content : content
    }

    private func searchHistory(_ query: Query) throws(ControlRefusal) -> [CapturedExchange] {
        guard let saved, saved.file.exists else { return [] }
        var search = HistoryQuery(query.filter, since: query.since, before: query.before, after: query.after)
        search.isOldestFirst = query.isOldestFirst
        if query.includesEarlier {
            search.tunnel = saved.tunnel
        } else {
            search.runs = saved.runs()
        }
        return try reading {
            var found: [CapturedExchange] = []
            try HistoryReader(saved.file, meaning: meaning).search(search, limit: query.limit + 1) { content in
                found.append(content)
                return true
            }
            return found
        }
    }

    private func reading<Result>(_ body: () throws -> Result) throws(ControlRefusal) -> Result {
        do {
            return try body()
        } catch {
            throw ControlRefusal(
                .serviceUnavailable,
                "the history cannot be read: \((error as? HistoryError)?.text ?? "\(error)")"
            )
        }
    }
}
