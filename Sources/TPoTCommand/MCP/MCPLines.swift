/// Divides a stream of bytes into lines of limited length.
struct MCPLines {
    enum Piece: Hashable, Sendable {
        /// Without its line end, and never empty.
        case line([UInt8])
        /// A line is longer than the limit. Nothing of it is kept.
        case tooLong
    }

    private let limit: Int
    private var line: [UInt8] = []
    /// The rest of the present line is dropped.
    private var isDropping = false

    init(limit: Int) {
        self.limit = limit
    }

    mutating func take(_ bytes: ArraySlice<UInt8>, _ give: (Piece) -> Void) {
        var rest = bytes
        while let end = rest.firstIndex(of: 0x0a) {
            add(rest[..<end], give)
            self.end(give)
            rest = rest[(end + 1)...]
        }
        add(rest, give)
    }

    /// The stream has ended, or the line.
    mutating func end(_ give: (Piece) -> Void) {
        if line.last == 0x0d { line.removeLast() }
        if !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { give(.line(line)) }
        // A long line must not keep its memory.
        line = []
        isDropping = false
    }

    private mutating func add(_ bytes: ArraySlice<UInt8>, _ give: (Piece) -> Void) {
        guard !isDropping else { return }
        guard line.count + bytes.count <= limit else {
            line = []
            isDropping = true
            return give(.tooLong)
        }
        line += bytes
    }
}
