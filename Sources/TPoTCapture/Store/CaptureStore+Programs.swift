/// Gets exchanges that have ended, and how many events were lost, so that the ends of others are not known.
package typealias FinishedAction = @Sendable (_ finished: [Exchange], _ lostEvents: Int) -> Void

/// What other programs ask a store for.
extension CaptureStore {
    /// Calls `action` after each batch in which exchanges ended, on the thread that fills the store: it should only wake
    /// another one. Nil ends that.
    package func onFinished(_ action: FinishedAction?) {
        finishedAction.withLockedValue { $0 = action }
        withState { $0.finished = action == nil ? nil : [] }
    }

    func tellFinished(lost: Int) {
        guard let action = finishedAction.withLockedValue({ $0 }) else { return }
        let finished = withState { state in
            guard let finished = state.finished, !finished.isEmpty else { return [Exchange]() }
            state.finished = []
            return finished
        }
        if !finished.isEmpty || lost > 0 { action(finished, lost) }
    }

    /// Whether what ends is saved, also when the program has ended.
    package var isSaving: Bool { withState { $0.unsaved != nil } }

    /// Kept exchanges with numbers in a range, from one of its ends on.
    /// - Parameter count: the most exchanges: a few, because the lock is held meanwhile.
    package func contents(in range: ClosedRange<UInt64>, oldestFirst: Bool, count: Int) -> [CapturedExchange] {
        withState { state in
            let numbers = state.records.numbers
            let first = numbers.firstPlace(notBelow: range.lowerBound)
            let end = range.upperBound == .max ? numbers.count : numbers.firstPlace(notBelow: range.upperBound + 1)
            guard first < end else { return [] }
            let places = oldestFirst ? first..<min(end, first + count) : max(first, end - count)..<end
            let contents = places.map { state.records.record(at: $0).content }
            return oldestFirst ? contents : contents.reversed()
        }
    }

    /// The exchange with what it means, which is found out now if it is not known yet: that may be slow.
    /// - Returns: nil if it is not kept.
    package func understood(_ number: UInt64) -> CapturedExchange? {
        guard let content = detail(number) else { return nil }
        guard content.row.delivery == nil, content.requestHead != nil,
            content.exchange.times.requestEnded != nil || content.exchange.state.isOver
        else { return content }
        let delivery = meaning.delivery(content)
        return withState { state in
            guard let record = state.records[number] else { return nil }
            state.note(delivery, of: record)
            state.settle()
            state.version += 1
            return record.content
        } ?? content
    }
}
