import DequeModule

/// Exchanges that are over and are not saved as they are now, the oldest first.
struct UnsavedExchanges: Sendable {
    /// The most that wait. When there are more, the oldest are given up.
    static let limit = 65_536

    private var numbers: Deque<UInt64> = []
    /// Exchanges that were given up, or evicted before they were saved.
    private(set) var lost = 0

    var isEmpty: Bool { numbers.isEmpty }

    /// Notes a record that changed.
    mutating func note(_ record: CaptureRecord) {
        guard record.exchange.state.isOver, !record.isUnsaved else { return }
        guard record.savedRow != record.content.row.hashValue else { return }
        record.isUnsaved = true
        numbers.append(record.number)
    }

    mutating func take(_ count: Int, of records: RecordTable) -> [CaptureRecord] {
        while numbers.count > Self.limit, let oldest = numbers.popFirst() {
            records[oldest]?.isUnsaved = false
            lost += 1
        }
        var taken: [CaptureRecord] = []
        while taken.count < count, let number = numbers.popFirst() {
            if let record = records[number] { taken.append(record) } else { lost += 1 }
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

    /// Takes exchanges that are over and are not saved as they are now. What they mean is found out first, which is slow.
    /// - Parameter count: the most exchanges.
    /// - Returns: with it how many were lost in all, because they came faster than they were taken.
    package func takeUnsaved(_ count: Int) -> (contents: [CapturedExchange], lost: Int) {
        let (contents, lost) = withState { state in
            let records = state.unsaved?.take(count, of: state.records) ?? []
            return (records.map(\.content), state.unsaved?.lost ?? 0)
        }
        let deliveries = contents.map { content in
            content.row.delivery == nil && content.requestHead != nil ? meaning.delivery(content) : nil
        }
        return (withState { $0.save(contents, deliveries) }, lost)
    }
}

extension CaptureState {
    /// - Returns: the exchanges as they are saved now.
    mutating func save(_ contents: [CapturedExchange], _ deliveries: [Delivery?]) -> [CapturedExchange] {
        var saved: [CapturedExchange] = []
        for (content, delivery) in zip(contents, deliveries) {
            guard let record = records[content.number] else {
                // Evicted or cleared in the meantime.
                var content = content
                if let delivery { content.row.delivery = delivery }
                saved.append(content)
                continue
            }
            if let delivery { note(delivery, of: record) }
            record.savedRow = record.content.row.hashValue
            record.isUnsaved = false
            saved.append(record.content)
        }
        settle()
        version += 1
        return saved
    }
}
