import NIOCore
import TPoTWire

/// Joins the pieces of one read again, so that a head and the bytes that came with it leave as one message.
///
/// As long as the pieces follow each other in the bytes of the read, they are a slice of them and nothing is copied.
struct GatheredPieces {
    /// The bytes of the read that were not taken yet; the first ``count`` of them are the pieces.
    private var whole: ByteBuffer?
    private var pieces: [ByteBuffer] = []
    private var count = 0

    /// - Parameter whole: the bytes of this read if the reader held nothing before, otherwise nil.
    init(whole: ByteBuffer?) {
        self.whole = whole
    }

    /// Adds a piece. Returns the earlier pieces if they must go out first, because all together are too much for one
    /// message.
    mutating func add(_ bytes: ByteBuffer) -> ByteBuffer? {
        var full: ByteBuffer?
        if whole == nil {
            if count > 0, count + bytes.readableBytes > TunnelMessage.maximumDataPayload { full = take() }
            pieces.append(bytes)
        }
        count += bytes.readableBytes
        return full
    }

    /// Skips the next `length` bytes of the read, which are not one of the pieces. The gathered pieces must have been
    /// taken before.
    mutating func skip(_ length: Int) {
        whole?.moveReaderIndex(forwardBy: length)
    }

    /// Removes and returns the gathered pieces; nil if there are none.
    mutating func take() -> ByteBuffer? {
        guard count > 0 else { return nil }
        defer {
            count = 0
            pieces.removeAll()
        }
        if whole != nil { return whole?.readSlice(length: count) }
        guard pieces.count > 1 else { return pieces.first }
        var joined = ByteBuffer()
        joined.reserveCapacity(count)
        for piece in pieces { joined.writeImmutableBuffer(piece) }
        return joined
    }
}
