/// The frames in the captured bytes of one direction of a WebSocket (RFC 6455, 5.2).
///
/// The tunnel's own decoder is not used: it only accepts binary messages and refuses everything that it does not know.
/// A capture may contain anything, and must be shown as far as it can be read.
struct WebSocketFrames: Sequence, IteratorProtocol {
    struct Frame {
        var isFinal: Bool
        /// The first reserved bit: with permessage-deflate the message is compressed (RFC 7692, 6).
        var isCompressed: Bool
        var opcode: UInt8
        /// The captured payload, unmasked.
        var payload: [UInt8]
        var passedCount: Int
        /// The offset at which the frame ends. It is beyond the bytes if the end was not captured.
        var end: Int
    }

    private let bytes: [UInt8]
    private var offset = 0
    /// The offset of the first byte that does not belong to a valid frame.
    private(set) var faultOffset: Int?

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func next() -> Frame? {
        guard faultOffset == nil, bytes.count - offset >= 2 else { return nil }
        let (first, second) = (bytes[offset], bytes[offset + 1])
        let opcode = first & 0x0f
        guard first & 0x30 == 0, opcode <= 2 || 8...10 ~= opcode else {
            faultOffset = offset
            return nil
        }
        var start = offset + 2
        var length = Int(second & 0x7f)
        if length > 125 {
            let width = length == 126 ? 2 : 8
            guard bytes.count - start >= width else { return nil }
            let wide = bytes[start..<start + width].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            // The highest bit must be 0 (RFC 6455, 5.2).
            guard wide <= UInt64(Int.max / 2) else {
                faultOffset = offset
                return nil
            }
            length = Int(wide)
            start += width
        }
        var mask: ArraySlice<UInt8> = []
        if second & 0x80 != 0 {
            guard bytes.count - start >= 4 else { return nil }
            mask = bytes[start..<start + 4]
            start += 4
        }
        let end = start + Swift.min(length, bytes.count - start)
        var payload = Array(bytes[start..<end])
        if !mask.isEmpty {
            for place in payload.indices { payload[place] ^= mask[mask.startIndex + place & 3] }
        }
        offset = start + length
        if offset > bytes.count { offset = bytes.count }
        return Frame(
            isFinal: first & 0x80 != 0,
            isCompressed: first & 0x40 != 0,
            opcode: opcode,
            payload: payload,
            passedCount: length,
            end: start + length
        )
    }
}
