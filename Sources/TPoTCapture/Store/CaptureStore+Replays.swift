extension CaptureStore {
    /// Notes how a replay compares with an original that this store does not have.
    package func note(_ facts: ReplayFacts, of number: UInt64) {
        withState { $0.note(facts, of: number) }
    }
}

extension CaptureState {
    mutating func note(_ facts: ReplayFacts, of number: UInt64) {
        guard let record = records[number] else { return }
        record.isJudged = true
        record.content.row.replay = facts
        noteChange(record)
        settle()
        version += 1
    }
}
