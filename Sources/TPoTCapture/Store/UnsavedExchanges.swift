import DequeModule

/// Exchanges that are over and are not saved as they are now, the oldest first.
struct UnsavedExchanges: Sendable {
    /// The most that wait. When there are more, the oldest are given up.
    static let limit = 65_536

    /// With more than this, a store that is there only for saving takes no more exchanges.
    private static let busyLimit = 4_096

    private var numbers: Deque<UInt64> = []
    /// Exchanges that the user has removed from the list.
    private var cleared: [UInt64: CapturedExchange] = [:]
    /// The most of them.
    private static let clearedLimit = 1_000
    /// Exchanges that were given up, or evicted before they were saved.
    private(set) var lost = 0

    var isEmpty: Bool { numbers.isEmpty }
    var isBehind: Bool { numbers.count > Self.busyLimit }

    /// An exchange was not taken, because too many wait.
    mutating func noteShed() { lost += 1 }

    /// Notes a record that changed.
    mutating func note(_ record: CaptureRecord, among records: RecordTable) {
        guard record.exchange.state.isOver, !record.isUnsaved else { return }
        guard record.savedRow != record.content.row.hashValue else { return }
        record.isUnsaved = true
        numbers.append(record.number)
        guard numbers.count > Self.limit, let oldest = numbers.popFirst() else { return }
        records[oldest]?.isUnsaved = false
        cleared[oldest] = nil
        lost += 1
    }

    /// Notes an exchange that is about to be removed from the list.
    mutating func noteCleared(_ record: CaptureRecord) {
        guard record.isUnsaved, cleared.count < Self.clearedLimit else { return }
        cleared[record.number] = record.content
    }

    mutating func take(_ count: Int, of records: RecordTable) -> [CapturedExchange] {
        var taken: [CapturedExchange] = []
        while taken.count < count, let number = numbers.popFirst() {
            if let content = records[number]?.content ?? cleared.removeValue(forKey: number) {
                taken.append(content)
            } else {
                lost += 1
            }
        }
        return taken
    }
}

extension CaptureStore {
    /// Calls `action` when exchanges wait to be saved and none did before. It is called on the threads that fill the
    /// store, and should only wake another one.
    package func onUnsaved(_ action: @escaping @Sendable () -> Void) {
        withState { $0.unsaved = UnsavedExchanges() }
        unsavedAction.withLockedValue { $0 = action }
    }

    /// Nothing is saved any more.
    package func endSaving() {
        withState { $0.unsaved = nil }
        unsavedAction.withLockedValue { $0 = nil }
    }

    /// Takes exchanges that are over and are not saved as they are now. What they mean is found out first, which is slow.
    /// - Parameter count: the most exchanges.
    /// - Returns: with them how many were lost in all, because they came faster than they were taken, and how many have
    ///   begun in all.
    package func takeUnsaved(_ count: Int) -> (contents: [CapturedExchange], lost: Int, begun: Int) {
        let (contents, lost, begun) = withState { state in
            let contents = state.unsaved?.take(count, of: state.records) ?? []
            return (contents, state.unsaved?.lost ?? 0, state.begun)
        }
        let answers = contents.map { content in
            found(content, wantsSignature: content.requestIsHere) { withState { $0.circumstances(of: content) } }
        }
        return (withState { $0.save(contents, answers) }, lost, begun)
    }
}

extension CaptureState {
    /// - Returns: the exchanges as they are saved now.
    mutating func save(_ contents: [CapturedExchange], _ answers: [MeaningAnswer?]) -> [CapturedExchange] {
        var saved: [CapturedExchange] = []
        for (content, answer) in zip(contents, answers) {
            guard let record = records[content.number] else {
                // Evicted or cleared in the meantime.
                var content = content
                if let delivery = answer?.delivery { content.row.delivery = delivery }
                if let signature = answer?.signature { content.row.signature = signature }
                saved.append(content)
                continue
            }
            if let answer { note(answer, of: record) }
            record.savedRow = record.content.row.hashValue
            record.isUnsaved = false
            saved.append(record.content)
        }
        settle()
        if isOnlyForSaving {
            // Those of the lot before are written now. Until then readers must find them here.
            forget(lastSaved)
            lastSaved = saved
        }
        version += 1
        return saved
    }
}
