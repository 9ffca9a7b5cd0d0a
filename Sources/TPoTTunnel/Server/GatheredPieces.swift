import NIOCore
import TPoTWire

/// Puts the pieces of one read together again, so that a head and what came with it leave as one message.
///
/// As long as the pieces are what came, one after the other, they are a slice of it: nothing is copied.
struct GatheredPieces {
    /// What came and was not taken; its first ``count`` bytes are the pieces.
    private var whole: ByteBuffer?
    private var pieces: [ByteBuffer] = []
    private var count = 0

    /// - Parameter whole: the bytes of this read, if the reader held nothing before.
    init(whole: ByteBuffer?) {
        self.whole = whole
    }

    /// Adds a piece; returns what has to go out first because the pieces became too much for one message.
    mutating func add(_ bytes: ByteBuffer) -> ByteBuffer? {
        var full: ByteBuffer?
        if whole == nil {
            if count > 0, count + bytes.readableBytes > TunnelMessage.maximumDataPayload { full = take() }
            pieces.append(bytes)
        }
        count += bytes.readableBytes
        return full
    }

    /// The next `length` bytes of what came are not one of the pieces. What was gathered has been taken.
    mutating func skip(_ length: Int) {
        whole?.moveReaderIndex(forwardBy: length)
    }

    /// What was gathered; nil if nothing.
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
