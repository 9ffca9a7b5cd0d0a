import DequeModule

/// The kept exchanges that match one filter, in ascending order.
///
/// A new filter looks at what is kept from the newest down, a stretch at a time; from then on only what changes is
/// looked at.
struct FilterIndex: Sendable {
    let filter: CaptureFilter
    private let bodyContains: BodyContains
    private(set) var matches: Deque<UInt64> = []
    /// Everything from this number on has been looked at; nil before the first.
    private var lowest: UInt64?
    private(set) var isComplete = false

    init(_ filter: CaptureFilter, bodyContains: @escaping BodyContains) {
        self.filter = filter
        self.bodyContains = bodyContains
    }

    /// Work that one call may do: a row counts 1, and so do 256 bytes of its bodies where those are searched.
    static let budget = 16_384

    /// Goes on with the search.
    mutating func search(_ records: RecordTable) {
        guard !isComplete else { return }
        var place = lowest.map { records.numbers.firstPlace(notBelow: $0) } ?? records.count
        var work = 0
        while place > 0, work < Self.budget {
            place -= 1
            let record = records.record(at: place)
            lowest = record.number
            work += 1 + (filter.needsBodies ? record.bodyBytes / 256 : 0)
            if matches(record) { matches.prepend(record.number) }
        }
        isComplete = place == 0
    }

    /// Looks again at one that is new or has changed.
    mutating func update(_ record: CaptureRecord) {
        let number = record.number
        // The search will come to it.
        if !isComplete, lowest.map({ number < $0 }) ?? true { return }
        guard needsLook(record) else { return }
        let isIn = matches.place(of: number)
        switch (matches(record), isIn) {
        case (true, nil): matches.insertSorted(number)
        case (false, let place?): matches.remove(at: place)
        default: break
        }
    }

    mutating func remove(_ gone: Set<UInt64>) {
        matches.removeSorted(gone)
    }

    /// A body that grows is searched when it has doubled, and when it is complete: each piece would be quadratic.
    private func needsLook(_ record: CaptureRecord) -> Bool {
        !filter.needsBodies || record.exchange.state.isOver || record.searchedBytes == 0
            || record.bodyBytes >= 2 * record.searchedBytes
    }

    private func matches(_ record: CaptureRecord) -> Bool {
        let bodyBytes = record.bodyBytes
        return filter.matches(record.exchange) { needle in
            record.searchedBytes = bodyBytes
            return bodyContains(needle, record.content)
        }
    }
}
