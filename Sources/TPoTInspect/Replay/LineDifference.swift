/// A line of a comparison.
package struct DifferenceLine: Hashable, Sendable {
    package enum Kind: Hashable, Sendable { case same, removed, added }

    package var kind: Kind
    /// Safe for a terminal.
    package var text: String
}

/// The shortest list of removed and added lines that turns one text into another (Myers, 1986). The number of edits is
/// limited, because time and memory grow with its square.
struct LineDifference {
    /// With more edits than this, everything between the common beginning and end counts as different.
    static let editLimit = 1000

    private let old: [String]
    private let new: [String]
    /// The lines as numbers, which are cheap to compare.
    private let oldIDs: [Int]
    private let newIDs: [Int]

    /// - Parameter key: what of a line is compared. Of equal lines the new one is in the result.
    static func lines(
        from old: [String],
        to new: [String],
        by key: (String) -> Substring = { $0[...] }
    ) -> [DifferenceLine] {
        var ids: [Substring: Int] = [:]
        func id(_ line: String) -> Int {
            let key = key(line)
            if let id = ids[key] { return id }
            ids[key] = ids.count
            return ids.count - 1
        }
        let (oldIDs, newIDs) = (old.map(id), new.map(id))
        var start = 0
        while start < old.count, start < new.count, oldIDs[start] == newIDs[start] { start += 1 }
        var end = 0
        while end < min(old.count, new.count) - start, oldIDs[old.count - 1 - end] == newIDs[new.count - 1 - end] {
            end += 1
        }
        let (oldMiddle, newMiddle) = (start..<old.count - end, start..<new.count - end)
        let middle = LineDifference(
            old: Array(old[oldMiddle]),
            new: Array(new[newMiddle]),
            oldIDs: Array(oldIDs[oldMiddle]),
            newIDs: Array(newIDs[newMiddle])
        )
        return new[..<start].map { DifferenceLine(kind: .same, text: $0) } + middle.lines()
            + new[newMiddle.upperBound...].map { DifferenceLine(kind: .same, text: $0) }
    }

    private func lines() -> [DifferenceLine] {
        guard let trace = trace() else {
            return old.map { DifferenceLine(kind: .removed, text: $0) }
                + new.map { DifferenceLine(kind: .added, text: $0) }
        }
        // Walks back from the end to the beginning.
        var lines: [DifferenceLine] = []
        var (x, y) = (old.count, new.count)
        for edits in trace.indices.reversed() {
            let before = previousDiagonal(x - y, edits, trace[edits])
            let beforeX = trace[edits][before + edits + 1]
            let beforeY = beforeX - before
            while x > beforeX, y > beforeY {
                x -= 1
                y -= 1
                lines.append(DifferenceLine(kind: .same, text: new[y]))
            }
            guard edits > 0 else { break }
            if x == beforeX {
                lines.append(DifferenceLine(kind: .added, text: new[beforeY]))
            } else {
                lines.append(DifferenceLine(kind: .removed, text: old[beforeX]))
            }
            (x, y) = (beforeX, beforeY)
        }
        return lines.reversed()
    }

    /// For each number of edits d, how far d - 1 edits reached: index k + d + 1 has the furthest x on diagonal k.
    /// Nil if more than ``editLimit`` edits are needed.
    private func trace() -> [[Int]]? {
        let limit = min(oldIDs.count + newIDs.count, Self.editLimit)
        let middle = limit + 1
        var reached = [Int](repeating: 0, count: 2 * limit + 3)
        var trace: [[Int]] = []
        for edits in 0...limit {
            let before = Array(reached[(middle - edits - 1)...(middle + edits + 1)])
            trace.append(before)
            for diagonal in stride(from: -edits, through: edits, by: 2) {
                let from = previousDiagonal(diagonal, edits, before)
                var x = before[from + edits + 1] + (from < diagonal ? 1 : 0)
                var y = x - diagonal
                while x < oldIDs.count, y < newIDs.count, oldIDs[x] == newIDs[y] {
                    x += 1
                    y += 1
                }
                reached[middle + diagonal] = x
                if x >= oldIDs.count, y >= newIDs.count { return trace }
            }
        }
        return nil
    }

    /// The diagonal of the last edit: above for an added line, beside for a removed line.
    private func previousDiagonal(_ diagonal: Int, _ edits: Int, _ before: [Int]) -> Int {
        let place = diagonal + edits + 1
        let isAbove = diagonal == -edits || (diagonal != edits && before[place - 1] < before[place + 1])
        return isAbove ? diagonal + 1 : diagonal - 1
    }
}
