import DequeModule

/// The kept exchanges that match one filter, in ascending order.
///
/// A new index searches the kept exchanges from the newest to the oldest, a part at a time. After that it checks only
/// exchanges that change.
struct FilterIndex: Sendable {
    let filter: CaptureFilter
    private let bodyContains: BodyContains
    private(set) var matches: Deque<UInt64> = []
    /// Exchanges from this number on have been searched; nil before the first.
    private var lowest: UInt64?
    private(set) var isComplete = false

    init(_ filter: CaptureFilter, bodyContains: @escaping BodyContains) {
        self.filter = filter
        self.bodyContains = bodyContains
    }

    /// The work of one call. A row costs 1, and so do 256 bytes of its bodies if those are searched.
    static let budget = 16_384

    /// Continues the search.
    mutating func search(_ records: RecordTable) {
        guard !isComplete else { return }
        var place = lowest.map { records.numbers.firstPlace(notBelow: $0) } ?? records.count
        var work = 0
        while place > 0, work < Self.budget {
            place -= 1
            let record = records.record(at: place)
            lowest = record.number
            work += 1 + (filter.needsBodies ? record.bodyBytes / 256 : 0)
            if match(record) { matches.prepend(record.number) }
        }
        isComplete = place == 0
    }

    /// Checks an exchange that is new or has changed.
    mutating func update(_ record: CaptureRecord) {
        let number = record.number
        // The search has not reached it yet.
        if !isComplete, lowest.map({ number < $0 }) ?? true { return }
        guard needsLook(record) else { return }
        let isIn = matches.place(of: number)
        switch (match(record), isIn) {
        case (true, nil): matches.insertSorted(number)
        case (false, let place?): matches.remove(at: place)
        default: break
        }
    }

    mutating func remove(_ gone: Set<UInt64>) {
        matches.removeSorted(gone)
    }

    /// A growing body is searched again when it has doubled and when it is complete. Searching it after each piece
    /// would cost quadratic time.
    private func needsLook(_ record: CaptureRecord) -> Bool {
        !filter.needsBodies || record.exchange.state.isOver || record.searchedBytes == 0
            || record.bodyBytes >= 2 * record.searchedBytes
    }

    /// Tests a record against the filter, and records how many body bytes were searched.
    private func match(_ record: CaptureRecord) -> Bool {
        let bodyBytes = record.bodyBytes
        return filter.matches(record.exchange) { needle in
            record.searchedBytes = bodyBytes
            return bodyContains(needle, record.content)
        }
    }
}
