/// The lines of a text. Long lines are cut into pieces, because no screen shows a megabyte on one line.
struct LineTable: Sendable {
    /// The most lines.
    static let limit = 1_000_000
    /// The most bytes of a piece.
    static let pieceLength = 1024

    private let bytes: [UInt8]
    private var starts: [UInt32] = []
    /// The text has more lines than ``limit``.
    private(set) var isCut = false

    /// - Parameter bytes: UTF-8, valid or not, of at most 4 GiB.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var start = 0
        while start < bytes.count {
            guard starts.count < Self.limit else {
                isCut = true
                return
            }
            starts.append(UInt32(truncatingIfNeeded: start))
            start = Self.nextStart(bytes, after: start)
        }
    }

    var count: Int { starts.count }

    /// A line without its line end. Empty if there is no line with this index.
    subscript(index: Int) -> ArraySlice<UInt8> {
        guard starts.indices.contains(index) else { return [] }
        let start = Int(starts[index])
        var end = Self.nextStart(bytes, after: start)
        if end > start, bytes[end - 1] == 0x0a { end -= 1 }
        if end > start, bytes[end - 1] == 0x0d { end -= 1 }
        return bytes[start..<end]
    }

    private static func nextStart(_ bytes: [UInt8], after start: Int) -> Int {
        let end = min(bytes.count, start + pieceLength)
        if let lineFeed = bytes[start..<end].firstIndex(of: 0x0a) { return lineFeed + 1 }
        guard end < bytes.count else { return end }
        // The cut must not be inside a character, nor before the line feed that ends the line.
        if bytes[end] == 0x0a { return end + 1 }
        var cut = end
        while cut > end - 4, bytes[cut] & 0xc0 == 0x80 { cut -= 1 }
        return bytes[cut] & 0xc0 == 0x80 ? end : cut
    }
}
