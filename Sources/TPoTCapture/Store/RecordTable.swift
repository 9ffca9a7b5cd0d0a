import DequeModule

/// The kept exchanges in the order of their numbers. They come at the end and go mostly at the beginning.
struct RecordTable: Sendable {
    /// Ascending, and beside the records so that a search looks at nothing else.
    private(set) var numbers: Deque<UInt64> = []
    private var records: Deque<CaptureRecord> = []

    var count: Int { numbers.count }

    subscript(number: UInt64) -> CaptureRecord? {
        guard let last = numbers.last, number <= last else { return nil }
        // Where nothing is missing between it and the newest, which is so for all that are under way, as a rule.
        let distance = last - number
        if distance < UInt64(numbers.count) {
            let place = numbers.count - 1 - Int(distance)
            if numbers[place] == number { return records[place] }
        }
        return numbers.place(of: number).map { records[$0] }
    }

    func record(at place: Int) -> CaptureRecord { records[place] }

    /// Its number has to be larger than all others.
    mutating func append(_ record: CaptureRecord) {
        numbers.append(record.number)
        records.append(record)
    }

    /// Removes those for which `isGoing` is true, asked from the oldest on until `isEnough`.
    /// - Returns: their numbers.
    mutating func remove(until isEnough: () -> Bool = { false }, where isGoing: (CaptureRecord) -> Bool) -> Set<UInt64>
    {
        var gone: Set<UInt64> = []
        var looked = 0
        while looked < records.count, !isEnough() {
            if isGoing(records[looked]) { gone.insert(numbers[looked]) }
            looked += 1
        }
        guard !gone.isEmpty else { return gone }
        records.replaceSubrange(..<looked, with: records[..<looked].filter { !gone.contains($0.number) })
        numbers.removeSorted(gone)
        return gone
    }
}
