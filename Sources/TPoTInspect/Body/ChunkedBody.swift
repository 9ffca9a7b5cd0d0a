/// The data and trailers of a chunked body (RFC 9112, 7.1).
struct ChunkedBody: Hashable, Sendable {
    /// Where the data of a chunk begins, in all data and on the wire.
    struct Place: Hashable, Sendable {
        var data: Int
        var wire: Int
    }

    /// The data of all chunks that were captured.
    private(set) var bytes: [UInt8] = []
    /// The lines after the last chunk, with their line ends.
    private(set) var trailers: [UInt8] = []
    /// The last chunk and the blank line after it were captured.
    private(set) var isComplete = false
    /// The offset of the first invalid byte.
    private(set) var faultOffset: Int?
    /// The chunks, if they were asked for.
    private(set) var places: [Place] = []

    /// - Parameters:
    ///   - wire: the body as it was on the wire.
    ///   - limit: the most bytes of data.
    ///   - notesPlaces: whether ``places`` are wanted.
    init(_ wire: [UInt8], limit: Int = .max, notesPlaces: Bool = false) {
        var offset = 0
        while let line = Self.line(in: wire, from: offset) {
            guard let size = Self.size(wire[line.content]) else {
                faultOffset = offset
                return
            }
            offset = line.next
            if size == 0 {
                readTrailers(wire, from: offset)
                return
            }
            let end = offset + min(size, wire.count - offset)
            if notesPlaces { places.append(Place(data: bytes.count, wire: offset)) }
            bytes += wire[offset..<end].prefix(max(0, limit - bytes.count))
            guard end - offset == size, bytes.count < limit else { return }
            // The data must be followed by a line end.
            guard let blank = Self.line(in: wire, from: end) else { return }
            guard blank.content.isEmpty else {
                faultOffset = end
                return
            }
            offset = blank.next
        }
        // An incomplete line is the beginning of a size line, unless it is too long for one.
        if wire.count - offset > Self.sizeLineLimit { faultOffset = offset }
    }

    private static let sizeLineLimit = 4096

    private mutating func readTrailers(_ wire: [UInt8], from start: Int) {
        var offset = start
        while let line = Self.line(in: wire, from: offset) {
            offset = line.next
            guard !line.content.isEmpty else {
                isComplete = true
                break
            }
        }
        trailers = Array(wire[start..<offset])
    }

    private static func line(in wire: [UInt8], from start: Int) -> (content: Range<Int>, next: Int)? {
        guard let end = wire[start...].firstIndex(of: 0x0a) else { return nil }
        let hasReturn = end > start && wire[end - 1] == 0x0d
        return (start..<(hasReturn ? end - 1 : end), end + 1)
    }

    /// Reads the hexadecimal digits before white space or extensions.
    private static func size(_ line: ArraySlice<UInt8>) -> Int? {
        let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != 0x20 && $0 != 0x09 }
        guard !digits.isEmpty, digits.allSatisfy({ $0.hexValue != nil }) else { return nil }
        var size = 0
        for digit in digits {
            guard size <= Int.max >> 4 else { return nil }
            size = size << 4 | Int(digit.hexValue ?? 0)
        }
        return size
    }
}
