// What leaves the store.
extension CaptureState {
    /// Evicts the oldest unmarked exchanges, finished ones before live ones. It evicts some more than needed, so that
    /// not every new exchange causes a walk through the list.
    mutating func evict() {
        let target = limits.memoryBytes - limits.memoryBytes / 64
        // What is not over yet cannot be saved, so a store that is there for that goes on without bodies instead.
        for isLiveTurn in isOnlyForSaving ? [false] : [false, true] {
            evicted += remove(downTo: target) { !$0.isMarked && (isLiveTurn || $0.exchange.state.isOver) }
        }
        isFull = bytes > limits.memoryBytes
    }

    /// - Returns: the number of removed exchanges of this run.
    private mutating func remove(
        downTo target: Int = 0,
        atMost limit: Int = .max,
        where isGoing: (CaptureRecord) -> Bool
    ) -> Int {
        var bytes = bytes
        var removed: [CaptureRecord] = []
        let gone = records.remove(
            until: { bytes <= target || removed.count >= limit },
            where: { record in
                guard isGoing(record) else { return false }
                bytes -= record.countedSize
                removed.append(record)
                return true
            }
        )
        self.bytes = bytes
        guard !gone.isEmpty else { return 0 }
        for record in removed {
            discount(record)
            // What is not over yet is not among those that wait to be saved.
            if !record.exchange.state.isOver { unsaved?.noteShed() }
        }
        let removal = families.remove(gone) { number in
            records[number]?.exchange.replayOf.flatMap { $0 < number ? ($0, records[$0] != nil) : nil }
        }
        index?.remove(gone, removal, families)
        former?.removeSorted(gone)
        bodyIndex?.remove(gone, removal, families)
        sorted?.remove(gone)
        isFull = bytes > limits.memoryBytes
        if let earlierLine {
            families.removeLine(earlierLine)
            index?.removeLine()
            bodyIndex?.removeLine()
        }
        return removed.count { !$0.isEarlier }
    }

    /// Removes what is saved, for a store that nobody looks at.
    mutating func forget(_ saved: [CapturedExchange]) {
        let table = records
        let numbers = Set(saved.map(\.number).filter { table[$0]?.isUnsaved == false })
        _ = remove(atMost: numbers.count) { numbers.contains($0.number) }
    }

    mutating func mark(_ number: UInt64, _ isMarked: Bool) -> Bool {
        guard let record = records[number] else { return false }
        if record.isMarked != isMarked {
            record.content.row.isMarked = isMarked
            marked += isMarked ? 1 : -1
            noteChange(record)
            settle()
            version += 1
        }
        return true
    }

    /// - Returns: the number of removed exchanges.
    mutating func clearUnmarked() -> Int {
        version += 1
        if unsaved != nil {
            for place in 0..<records.count where records.record(at: place).isClearable {
                unsaved?.noteCleared(records.record(at: place))
            }
        }
        return remove(where: \.isClearable)
    }

    var clearable: Int {
        (0..<records.count).count { records.record(at: $0).isClearable }
    }

    mutating func noteLostEvents(_ count: Int) {
        lost += count
        assembler.noteLostEvents()
        version += 1
    }
}
