import NIOCore

/// Writes to a visitor's or target's local socket and keeps what the socket does not accept yet.
///
/// The channel gets one portion at a time, so that the number of waiting bytes is known. The rest waits in a
/// ``PieceQueue``. As long as the socket accepts everything, all bytes of one turn of the event loop leave with one
/// call.
///
/// A class, because a write may find that the connection has ended; the handler of that event then drops the waiting
/// bytes from within the write.
final class LocalWriter {
    /// The most bytes in the channel at a time. While they leave, the other side can be asked for more.
    static let portion = 128 * 1024
    /// The same limit when many sockets are slow to accept what they are sent.
    static let smallPortion = 16 * 1024
    /// Bytes that go to the channel before it is asked how much it still holds. Asking costs as much as a small write,
    /// and most sockets accept most answers at once.
    private static let unaskedAtMost = 4 * 1024
    /// The fewest bytes that a flush counts as, because the channel does bookkeeping for each write.
    private static let flushCost = 256

    private var queue = PieceQueue()
    /// Bytes that the channel still held when it was last asked.
    private var channelBytes = 0
    /// Bytes that the channel got since it was last asked.
    private var unaskedBytes = 0
    /// The socket has failed at least once to accept everything, so bytes given to the channel may stay there.
    private var isSlow = false

    /// Bytes that the channel has not received yet.
    var queuedBytes: Int { queue.bytes }
    /// Bytes that the socket has not accepted, accurate to a portion. Up to ``unaskedAtMost`` bytes in the channel are
    /// not counted.
    var waitingBytes: Int { queue.bytes + channelBytes }
    /// Bytes of memory that the waiting bytes keep alive.
    var memory: Int { queue.memory + channelBytes }

    /// Queues bytes for the next ``flush(_:portion:)``.
    func add(_ bytes: ByteBuffer) { queue.append(bytes) }

    /// Sends as much as the socket accepts. Returns true if the socket did not accept everything; see
    /// ``whenCaughtUp(_:_:)``.
    func flush(_ context: ChannelHandlerContext, portion: Int = LocalWriter.portion) -> Bool {
        guard channelBytes == 0 else {
            queue.compactFirst()
            return false
        }
        if isSlow { queue.compactFirst() }
        while !queue.isEmpty {
            unaskedBytes += max(queue.bytes, Self.flushCost)
            let asks = unaskedBytes > Self.unaskedAtMost
            // Bytes that are not counted must not keep a larger buffer alive.
            if !asks { queue.compactFirst() }
            var written = 0
            while written < portion, let piece = queue.popFirst() {
                written += piece.readableBytes
                context.write(NIOAny(piece), promise: nil)
            }
            context.flush()
            guard asks else { break }
            unaskedBytes = 0
            channelBytes = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
            if channelBytes > 0 {
                isSlow = true
                queue.compactFirst()
                return true
            }
        }
        return false
    }

    /// Calls `body` once the socket has accepted everything in the channel; then ``caughtUp()`` and another flush are
    /// due. It is never called if the connection ends first.
    func whenCaughtUp(_ context: ChannelHandlerContext, _ body: @escaping () -> Void) {
        let taken = context.eventLoop.makePromise(of: Void.self)
        taken.futureResult.assumeIsolated().whenSuccess(body)
        context.writeAndFlush(NIOAny(ByteBuffer()), promise: taken)
    }

    func caughtUp() { channelBytes = 0 }

    /// Gives everything to the channel, because the connection is about to be closed or another handler writes from
    /// here on.
    func writeAll(_ context: ChannelHandlerContext) {
        while let piece = queue.popFirst() { context.write(NIOAny(piece), promise: nil) }
    }

    func dropAll() { queue.removeAll() }
}
