import NIOCore

/// Writes to a local socket, a visitor's or a target's, and keeps what it does not take.
///
/// The channel gets a portion at a time, so that what waits is known, and waits in a ``PieceQueue``. As long as the socket
/// takes all, everything of a turn of the loop leaves with one call.
///
/// A class, because a write may find the connection ended, and whoever is told of that drops what waits, from within it.
final class LocalWriter {
    /// Bytes in the channel at a time. While they leave, the other side can be asked for more.
    static let portion = 128 * 1024
    /// The same where many sockets do not take what they are sent.
    static let smallPortion = 16 * 1024
    /// Bytes that go to the channel before it is asked what it has left. To ask costs as much as a small write, and most
    /// sockets take most answers.
    private static let unaskedAtMost = 4 * 1024
    /// A flush counts as so many bytes at least, because the channel keeps books of each write.
    private static let flushCost = 256

    private var queue = PieceQueue()
    /// What the channel had left when it was last filled.
    private var channelBytes = 0
    /// What the channel got since it was asked.
    private var unaskedBytes = 0
    /// The socket did not take all at least once: what goes to the channel may stay there.
    private var isSlow = false

    /// Bytes that the channel has not got yet.
    var queuedBytes: Int { queue.bytes }
    /// Bytes that the socket has not taken, give or take a portion. Up to ``unaskedAtMost`` in the channel do not count.
    var waitingBytes: Int { queue.bytes + channelBytes }
    /// Bytes of memory that those keep alive.
    var memory: Int { queue.memory + channelBytes }

    /// To be sent with the next ``flush(_:portion:)``.
    func add(_ bytes: ByteBuffer) { queue.append(bytes) }

    /// Sends as much as the socket takes. True if it did not take all: see ``whenCaughtUp(_:_:)``.
    func flush(_ context: ChannelHandlerContext, portion: Int = LocalWriter.portion) -> Bool {
        guard channelBytes == 0 else {
            queue.compactFirst()
            return false
        }
        if isSlow { queue.compactFirst() }
        while !queue.isEmpty {
            unaskedBytes += max(queue.bytes, Self.flushCost)
            let asks = unaskedBytes > Self.unaskedAtMost
            // What does not count must not keep more than itself alive.
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

    /// Tells once the socket has taken what the channel has; then ``caughtUp()`` and another flush are due. Never if the
    /// connection ends before.
    func whenCaughtUp(_ context: ChannelHandlerContext, _ body: @escaping () -> Void) {
        let taken = context.eventLoop.makePromise(of: Void.self)
        taken.futureResult.assumeIsolated().whenSuccess(body)
        context.writeAndFlush(NIOAny(ByteBuffer()), promise: taken)
    }

    func caughtUp() { channelBytes = 0 }

    /// Gives the channel all, because the connection is about to be closed, or somebody else writes from here on.
    func writeAll(_ context: ChannelHandlerContext) {
        while let piece = queue.popFirst() { context.write(NIOAny(piece), promise: nil) }
    }

    func dropAll() { queue.removeAll() }
}
