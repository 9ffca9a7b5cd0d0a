import DequeModule

/// Which replays stand under which request: a replay of a replay stands under the earliest request that is kept.
struct ReplayFamilies: Sendable {
    struct Replay: Sendable {
        var number: UInt64
        var batch: UInt64?
    }

    /// A line under a request: one replay, or several that were asked for at once.
    enum Line: Sendable {
        case one(UInt64)
        case several(batch: UInt64, [UInt64])

        func contains(_ number: UInt64) -> Bool {
            switch self {
            case .one(let one): one == number
            case .several(_, let numbers): numbers.contains(number)
            }
        }
    }

    /// What a removal changed.
    struct Removal {
        /// Requests that lost replays.
        var smaller: Set<UInt64> = []
        /// Replays whose original is gone.
        var orphans: [UInt64] = []
    }

    /// The memory cost of a replay in these tables, in bytes.
    static let replaySize = 128

    /// What stands in the list by itself, in ascending order.
    private(set) var roots: Deque<UInt64> = []
    /// The replays of those that have any, in ascending order.
    private(set) var replays: [UInt64: [Replay]] = [:]
    private var rootOfReplay: [UInt64: UInt64] = [:]
    /// Replays that stand by themselves, by the numbers of their originals, which are not kept.
    private var orphans: [UInt64: [Replay]] = [:]
    /// Changes with ``replays``.
    private(set) var version: UInt64 = 0

    /// The request under which this exchange stands: itself, if it is no replay.
    func root(of number: UInt64) -> UInt64 { rootOfReplay[number] ?? number }

    /// The lines under a request, oldest first.
    /// - Parameters:
    ///   - last: the newest replay to include.
    ///   - expanded: the batches that are shown one by one.
    func lines(under root: UInt64, upTo last: UInt64, expanded: Set<UInt64>) -> [Line] {
        guard let replays = replays[root] else { return [] }
        var lines: [Line] = []
        var places: [UInt64: Int] = [:]
        for replay in replays where replay.number <= last {
            guard let batch = replay.batch, !expanded.contains(batch) else {
                lines.append(.one(replay.number))
                continue
            }
            guard let place = places[batch] else {
                places[batch] = lines.count
                lines.append(.one(replay.number))
                continue
            }
            switch lines[place] {
            case .one(let first): lines[place] = .several(batch: batch, [first, replay.number])
            case .several(_, var numbers):
                // Emptied first, so that the append copies nothing.
                lines[place] = .one(replay.number)
                numbers.append(replay.number)
                lines[place] = .several(batch: batch, numbers)
            }
        }
        return lines
    }

    /// Adds an exchange, whose number must be larger than all others.
    mutating func add(_ exchange: Exchange, isKept: (UInt64) -> Bool) {
        if !adopt(exchange, isKept: isKept) { roots.append(exchange.number) }
    }

    /// Adds an exchange of an earlier run, which may be the original of replays that are kept.
    /// - Returns: those of them that stood by themselves.
    mutating func insert(_ exchange: Exchange, isKept: (UInt64) -> Bool) -> [UInt64] {
        if !adopt(exchange, isKept: isKept) { roots.insertSorted(exchange.number) }
        let adopted = orphans.removeValue(forKey: exchange.number) ?? []
        let root = root(of: exchange.number)
        for orphan in adopted {
            roots.removeSorted([orphan.number])
            add(orphan, under: root)
            for replay in replays.removeValue(forKey: orphan.number) ?? [] { add(replay, under: root) }
        }
        return adopted.map(\.number)
    }

    /// The line above exchanges of earlier runs stands among the roots.
    mutating func addLine(_ number: UInt64) { roots.insertSorted(number) }

    mutating func removeLine(_ number: UInt64) {
        if roots.first == number { roots.removeFirst() }
    }

    /// - Returns: false if the exchange is no replay, or one whose original is not kept.
    private mutating func adopt(_ exchange: Exchange, isKept: (UInt64) -> Bool) -> Bool {
        // After lost events, an exchange may name itself or a later one.
        guard let original = exchange.replayOf, original < exchange.number else { return false }
        let replay = Replay(number: exchange.number, batch: exchange.batch)
        guard isKept(original) else {
            orphans[original, default: []].append(replay)
            return false
        }
        add(replay, under: root(of: original))
        return true
    }

    private mutating func add(_ replay: Replay, under root: UInt64) {
        rootOfReplay[replay.number] = root
        let place = replays[root]?.firstPlace { $0.number < replay.number } ?? 0
        replays[root, default: []].insert(replay, at: place)
        version += 1
    }

    /// - Parameter original: what a replay that is kept repeats, and whether that is kept.
    mutating func remove(
        _ gone: Set<UInt64>,
        original: (UInt64) -> (number: UInt64, isKept: Bool)?
    ) -> Removal {
        var removal = Removal()
        roots.removeSorted(gone)
        if !orphans.isEmpty {
            orphans = orphans.mapValues { $0.filter { !gone.contains($0.number) } }.filter { !$0.value.isEmpty }
        }
        guard !rootOfReplay.isEmpty else { return removal }
        var left: [Replay] = []
        for number in gone {
            if let family = replays.removeValue(forKey: number) {
                for replay in family { rootOfReplay[replay.number] = nil }
                left += family.filter { !gone.contains($0.number) }
                version += 1
            } else if let root = rootOfReplay.removeValue(forKey: number), !gone.contains(root) {
                removal.smaller.insert(root)
            }
        }
        for root in removal.smaller {
            replays[root]?.removeAll { gone.contains($0.number) }
            if replays[root]?.isEmpty == true { replays[root] = nil }
            version += 1
        }
        for orphan in left.sorted(by: { $0.number < $1.number }) {
            let original = original(orphan.number)
            if let original, original.isKept {
                add(orphan, under: root(of: original.number))
            } else {
                roots.insertSorted(orphan.number)
                if let original { self.orphans[original.number, default: []].append(orphan) }
            }
            removal.orphans.append(orphan.number)
        }
        return removal
    }
}
