import DequeModule

/// The kept exchanges that match one filter, in ascending order.
///
/// The kept exchanges are searched from the newest to the oldest, a part at a time, in the background. Exchanges that
/// change after that are checked at once, or in the background if their bodies have to be searched.
struct FilterIndex: Sendable {
    /// Exchanges to search, copied under the store's lock.
    struct Part: Sendable {
        let index: UInt64
        let filter: CaptureFilter
        var contents: [CapturedExchange] = []
        /// How often each of them had changed.
        var changes: [UInt32] = []
    }

    /// The most exchanges of a part, and about the most bytes of bodies in it.
    static let partRows = 256
    static let partBytes = 1024 * 1024

    /// Different for each index of a store.
    let id: UInt64
    let filter: CaptureFilter
    private(set) var matches: Deque<UInt64> = []
    /// What stands in the list: each match, or the request under which it stands.
    private(set) var roots: Deque<UInt64> = []
    /// Exchanges from this number on have been searched; nil before the first.
    private var lowest: UInt64?
    /// All kept exchanges have been searched.
    private(set) var isComplete = false
    /// Changes when a request with replays comes into the list or leaves it.
    private(set) var familyChanges: UInt64 = 0
    /// Exchanges whose bodies changed since they were searched.
    private var stale: Deque<UInt64> = []
    private var staleSet: Set<UInt64> = []
    /// The parts that are being searched now.
    private var partsOut = 0
    private(set) var partsDone = 0

    /// Stands in the list where there is anything of an earlier run.
    private let earlierLine: UInt64?

    init(_ filter: CaptureFilter, id: UInt64, earlierLine: UInt64? = nil) {
        self.earlierLine = earlierLine
        self.filter = filter
        self.id = id
    }

    /// Nothing is left to search, and nothing is being searched.
    var isDone: Bool { isComplete && partsOut == 0 && stale.isEmpty }

    var hasWork: Bool { partsOut == 0 && (!isComplete || !stale.isEmpty) }

    // MARK: Searching

    /// The exchanges to search next.
    mutating func takePart(_ records: RecordTable, rows: Int = Self.partRows) -> Part {
        var part = Part(index: id, filter: filter)
        var bytes = 0
        func add(_ record: CaptureRecord) {
            part.contents.append(record.content)
            part.changes.append(record.changes)
            guard filter.needsBodies else { return }
            record.searchedBytes = record.bodyBytes
            bytes += record.bodyBytes
        }
        while part.contents.count < rows, bytes < Self.partBytes, let number = stale.popFirst() {
            staleSet.remove(number)
            records[number].map(add)
        }
        var place = isComplete ? 0 : lowest.map { records.numbers.firstPlace(notBelow: $0) } ?? records.count
        while place > 0, part.contents.count < rows, bytes < Self.partBytes {
            place -= 1
            let record = records.record(at: place)
            lowest = record.number
            add(record)
        }
        if place == 0 { isComplete = true }
        partsOut += 1
        return part
    }

    /// - Parameter found: for each exchange of the part, whether it matches.
    mutating func take(_ found: [Bool], of part: Part, _ records: RecordTable, _ families: ReplayFamilies) {
        partsOut -= 1
        partsDone += 1
        for (place, content) in part.contents.enumerated() {
            guard let record = records[content.number] else { continue }
            // If it changed meanwhile, it was checked again.
            guard filter.needsBodies || record.changes == part.changes[place] else { continue }
            note(content.number, matches: found[place], families)
        }
    }

    // MARK: Changes

    /// Checks an exchange that is new or has changed.
    mutating func update(_ record: CaptureRecord, _ families: ReplayFamilies) {
        let number = record.number
        // The search has not reached it yet.
        if !isComplete, lowest.map({ number < $0 }) ?? true { return }
        guard !filter.needsBodies else {
            if needsLook(record), staleSet.insert(number).inserted { stale.append(number) }
            return
        }
        let isIn = matches.place(of: number) != nil
        // What a replay has fixed stays in a list of failures until another list is asked for.
        note(number, matches: filter.matches(record.content, ignoresRepair: isIn) { _ in false }, families)
    }

    /// Checks an exchange of an earlier run.
    /// - Parameter adopted: replays that stood by themselves and now stand under it.
    mutating func insert(_ record: CaptureRecord, _ adopted: [UInt64], _ families: ReplayFamilies) {
        for replay in adopted where roots.place(of: replay) != nil {
            remove(root: replay, families)
            add(root: families.root(of: replay), families)
        }
        guard lowest.map({ record.number >= $0 }) ?? false else {
            // The search comes to it from above.
            isComplete = false
            return
        }
        update(record, families)
    }

    mutating func removeLine() {
        if let earlierLine, roots.first == earlierLine { roots.removeFirst() }
    }

    /// A growing body is searched again when it has doubled and when it is complete. Searching it after each piece
    /// would cost quadratic time.
    private func needsLook(_ record: CaptureRecord) -> Bool {
        record.exchange.state.isOver || record.searchedBytes == 0 || record.bodyBytes >= 2 * record.searchedBytes
    }

    private mutating func note(_ number: UInt64, matches isMatch: Bool, _ families: ReplayFamilies) {
        let root = families.root(of: number)
        switch (isMatch, matches.place(of: number)) {
        case (true, nil):
            matches.insertSorted(number)
            add(root: root, families)
        case (false, let place?):
            matches.remove(at: place)
            if !hasMatch(under: root, families) { remove(root: root, families) }
        default: break
        }
    }

    private mutating func add(root: UInt64, _ families: ReplayFamilies) {
        guard roots.place(of: root) == nil else { return }
        roots.insertSorted(root)
        if let earlierLine, root < earlierLine { roots.insertSorted(earlierLine) }
        if families.replays[root] != nil { familyChanges += 1 }
    }

    private mutating func remove(root: UInt64, _ families: ReplayFamilies) {
        guard let place = roots.place(of: root) else { return }
        roots.remove(at: place)
        familyChanges += 1
        removeLine()
    }

    private func hasMatch(under root: UInt64, _ families: ReplayFamilies) -> Bool {
        matches.place(of: root) != nil
            || families.replays[root]?.contains { matches.place(of: $0.number) != nil } == true
    }

    /// - Parameter removal: what the removal changed in `families`.
    mutating func remove(_ gone: Set<UInt64>, _ removal: ReplayFamilies.Removal, _ families: ReplayFamilies) {
        matches.removeSorted(gone)
        roots.removeSorted(gone)
        for root in removal.smaller where !hasMatch(under: root, families) { remove(root: root, families) }
        for orphan in removal.orphans where matches.place(of: orphan) != nil {
            add(root: families.root(of: orphan), families)
        }
    }
}
