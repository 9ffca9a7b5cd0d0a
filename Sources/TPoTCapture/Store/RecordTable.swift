import DequeModule

/// The kept exchanges in order of their numbers. New ones are added at the end, and most removals are at the beginning.
struct RecordTable: Sendable {
    /// The numbers in ascending order, stored apart from the records so that a search reads nothing else.
    private(set) var numbers: Deque<UInt64> = []
    private var records: Deque<CaptureRecord> = []

    var count: Int { numbers.count }

    subscript(number: UInt64) -> CaptureRecord? {
        guard let last = numbers.last, number <= last else { return nil }
        // Fast path: nothing is missing between this number and the newest, as is usual for unfinished exchanges.
        let distance = last - number
        if distance < UInt64(numbers.count) {
            let place = numbers.count - 1 - Int(distance)
            if numbers[place] == number { return records[place] }
        }
        return numbers.place(of: number).map { records[$0] }
    }

    func record(at place: Int) -> CaptureRecord { records[place] }

    /// Appends a record, whose number must be larger than all others.
    mutating func append(_ record: CaptureRecord) {
        numbers.append(record.number)
        records.append(record)
    }

    /// Inserts a record at its place.
    mutating func insert(_ record: CaptureRecord) {
        let place = numbers.firstPlace(notBelow: record.number)
        numbers.insert(record.number, at: place)
        records.insert(record, at: place)
    }

    /// Removes the records for which `isGoing` is true, from the oldest on until `isEnough` is true.
    /// - Returns: the numbers of the removed records.
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

extension RandomAccessCollection where Index == Int {
    /// Binary search for the first element for which `isBelow` is false. All elements for which it is true come first.
    func firstPlace(after isBelow: (Element) -> Bool) -> Int {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = (low + high) / 2
            if isBelow(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// A deque of ascending numbers. Most changes are at its ends.
extension Deque where Element == UInt64 {
    /// The place of the first number that is not below `number`.
    func firstPlace(notBelow number: UInt64) -> Int { firstPlace { $0 < number } }

    func place(of number: UInt64) -> Int? {
        let place = firstPlace(notBelow: number)
        return place < count && self[place] == number ? place : nil
    }

    mutating func insertSorted(_ number: UInt64) {
        let place = firstPlace(notBelow: number)
        if place == count || self[place] != number { insert(number, at: place) }
    }

    /// Removes numbers. It looks only up to the largest of them, because most removals are at the beginning.
    mutating func removeSorted(_ gone: Set<UInt64>) {
        guard let largest = gone.max() else { return }
        let end = firstPlace(notBelow: largest + 1)
        replaceSubrange(0..<end, with: self[..<end].filter { !gone.contains($0) })
    }
}
