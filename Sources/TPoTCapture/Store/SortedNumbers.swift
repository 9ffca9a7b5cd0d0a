import DequeModule

extension RandomAccessCollection where Index == Int {
    /// The place after those for which `isBelow` is true, which are the first ones: found by halving.
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

/// A deque of ascending numbers: they come and go mostly at the ends.
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

    /// Looks no further than the largest of them: what goes is mostly at the beginning.
    mutating func removeSorted(_ gone: Set<UInt64>) {
        guard let largest = gone.max() else { return }
        let end = firstPlace(notBelow: largest + 1)
        replaceSubrange(0..<end, with: self[..<end].filter { !gone.contains($0) })
    }
}
