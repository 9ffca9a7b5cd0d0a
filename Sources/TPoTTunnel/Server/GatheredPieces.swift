import NIOCore
import TPoTWire

/// Puts the pieces of one read together again, so that a head and what came with it leave as one message: without
/// copying when the pieces turn out to be the whole read.
struct GatheredPieces {
    private var whole: ByteBuffer?
    private var first: ByteBuffer?
    private var rest: [ByteBuffer] = []
    private var count = 0

    /// - Parameter whole: the bytes of this read, if the reader held nothing before.
    init(whole: ByteBuffer?) {
        self.whole = whole
    }

    /// Adds a piece; returns what has to go out first because the pieces became too much for one message.
    mutating func add(_ bytes: ByteBuffer) -> ByteBuffer? {
        var full: ByteBuffer?
        if whole == nil, count > 0, count + bytes.readableBytes > TunnelMessage.maximumDataPayload { full = take() }
        count += bytes.readableBytes
        if first == nil { first = bytes } else { rest.append(bytes) }
        return full
    }

    /// What was gathered, nil if nothing; more may be added afterwards, which goes elsewhere.
    mutating func split() -> ByteBuffer? {
        guard let taken = take() else { return nil }
        whole = nil
        return taken
    }

    /// What was gathered; nil if nothing.
    mutating func take() -> ByteBuffer? {
        guard let first else { return nil }
        defer {
            self.first = nil
            rest.removeAll()
            count = 0
        }
        if rest.isEmpty { return first }
        if let whole, whole.readableBytes == count { return whole }
        var joined = ByteBuffer()
        joined.reserveCapacity(count)
        joined.writeImmutableBuffer(first)
        for piece in rest { joined.writeImmutableBuffer(piece) }
        return joined
    }
}
