/// Where the lines of a list are. Each request of the list has a place, from 0 at the top; its replays take further lines
/// below it. Only requests with replays are stored here: all others have one line.
struct LineLayout: Sendable {
    /// The requests with replays, from the top.
    private var numbers: [UInt64] = []
    /// The lines that replays above each of them take, and those of all.
    private var before: [Int] = [0]

    /// The lines that replays take.
    var extra: Int { before.last ?? 0 }

    mutating func append(_ number: UInt64, lines: Int) {
        guard lines > 0 else { return }
        numbers.append(number)
        before.append(extra + lines)
    }

    /// - Parameter place: the place of a request that is in the list.
    func line(ofPlace wanted: Int, place: (UInt64) -> Int) -> Int {
        wanted + before[numbers.firstPlace { place($0) < wanted }]
    }

    /// The request at a line or above it, and how many lines it is above.
    func place(ofLine line: Int, place: (UInt64) -> Int) -> (place: Int, below: Int) {
        let next = numbers.indices.firstPlace { place(numbers[$0]) + before[$0] <= line }
        guard next > 0 else { return (line, 0) }
        let start = place(numbers[next - 1]) + before[next - 1]
        let lines = before[next] - before[next - 1]
        if line <= start + lines { return (place(numbers[next - 1]), line - start) }
        return (line - before[next], 0)
    }
}
