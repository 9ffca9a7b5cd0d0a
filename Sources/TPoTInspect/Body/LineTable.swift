/// Where the lines of a text begin. Very long lines are cut into pieces: no screen shows a megabyte in one line.
struct LineTable: Sendable {
    /// Lines at most.
    static let limit = 1_000_000
    /// Bytes of a piece at most.
    static let pieceLength = 1024

    private let bytes: [UInt8]
    private var starts: [UInt32] = []
    /// There would be more lines than ``limit``.
    private(set) var isCut = false

    /// - Parameter bytes: UTF-8, valid or not; no more than 4 GiB.
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

    /// Without its line end; empty where there is no such line.
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
        // Not in the middle of a character, nor before the line feed that ends the line anyway.
        if bytes[end] == 0x0a { return end + 1 }
        var cut = end
        while cut > end - 4, bytes[cut] & 0xc0 == 0x80 { cut -= 1 }
        return bytes[cut] & 0xc0 == 0x80 ? end : cut
    }
}
