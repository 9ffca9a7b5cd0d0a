import DequeModule

/// A queue with fair turns: it takes the oldest element of each key in turn, so that a key with many elements does not
/// delay keys with few.
struct FairQueue<Key: Hashable, Element> {
    private var lines: [Key: Deque<Element>] = [:]
    /// The keys that have elements, the next one first.
    private var turns = Deque<Key>()
    private(set) var count = 0

    func count(of key: Key) -> Int { lines[key]?.count ?? 0 }

    mutating func append(_ element: Element, for key: Key) {
        if lines[key] == nil { turns.append(key) }
        lines[key, default: []].append(element)
        count += 1
    }

    mutating func popNext() -> Element? {
        guard let key = turns.popFirst(), let element = lines[key]?.popFirst() else { return nil }
        if lines[key]?.isEmpty ?? true { lines[key] = nil } else { turns.append(key) }
        count -= 1
        return element
    }

    /// Removes and returns the elements of a key that satisfy a condition. The cost grows with the number of the key's
    /// elements and the number of keys.
    @discardableResult
    mutating func remove(of key: Key, where condition: (Element) -> Bool) -> [Element] {
        guard var line = lines.removeValue(forKey: key) else { return [] }
        let removed = line.filter(condition)
        line.removeAll(where: condition)
        count -= removed.count
        if line.isEmpty { turns.removeAll { $0 == key } } else { lines[key] = line }
        return Array(removed)
    }

    /// Removes and returns the oldest elements of each key as long as they satisfy a condition.
    mutating func removeOldest(while condition: (Element) -> Bool) -> [Element] {
        var removed: [Element] = []
        for key in Array(turns) {
            while let first = lines[key]?.first, condition(first) {
                lines[key]?.removeFirst()
                removed.append(first)
            }
            if lines[key]?.isEmpty ?? true { lines[key] = nil }
        }
        if !removed.isEmpty { turns.removeAll { lines[$0] == nil } }
        count -= removed.count
        return removed
    }
}
