import NIOCore

/// How a link's socket is read and written, on both sides.
enum LinkBuffers {
    /// Reads of up to 256 KiB: one WebSocket carries many conversations, and each read costs a system call.
    private static let allocator: any RecvByteBufferAllocator = AdaptiveRecvByteBufferAllocator(
        minimum: 4 * 1024,
        initial: 16 * 1024,
        maximum: 256 * 1024
    )

    /// The same for visitors and targets: whole downloads pass, but most answers are small.
    private static let localAllocator: any RecvByteBufferAllocator = AdaptiveRecvByteBufferAllocator(
        minimum: 512,
        initial: 512,
        maximum: 128 * 1024
    )

    /// A buffer of more than this is not kept for when the link has become quiet.
    fileprivate static let keptBytes = 64 * 1024

    #if os(Linux)
    /// TCP_NOTSENT_LOWAT (tcp(7) knows it by this number since Linux 3.12).
    private static let unsentOption = ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: 25))
    #endif

    /// For a connection that has become a link. Refused at worst, and then it is slower or less even.
    static func prepare(_ channel: any Channel) {
        try? channel.syncOptions?.setOption(.recvAllocator, value: allocator)
        limitWaiting(on: channel, isFast: false)
    }

    /// For a visitor's or a target's connection.
    static func prepareLocal(_ channel: any Channel) throws {
        try channel.syncOptions?.setOption(.recvAllocator, value: localAllocator)
        // NIO asks whether it may read only before a series of reads, by default of four: each connection would keep four
        // times as much as its limits say.
        try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
    }

    /// Bounds what waits in the channel and unsent in the kernel, because it can no longer be overtaken there: to 26 ms
    /// each on a link of 5 MB/s, to 3 and 5 ms on a fast one.
    ///
    /// The kernel asks for more when half of its part has gone. On a fast link less would be gone before the loop comes to it,
    /// where two processes share a core: it ran dry for a fifth of the time with 256 KiB.
    static func limitWaiting(on channel: any Channel, isFast: Bool) {
        let waiting = (isFast ? 256 : 128) * 1024
        let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: waiting / 2, high: waiting)
        try? channel.syncOptions?.setOption(.writeBufferWaterMark, value: waterMark)
        #if os(Linux)
        let unsent = (isFast ? 512 : 128) * 1024
        try? channel.syncOptions?.setOption(unsentOption, value: unsent)
        #endif
    }
}

extension ByteBuffer {
    /// Gives the buffer away, empty and with room, to be put back after use.
    ///
    /// Its memory is used again when nobody holds a slice of it any more, which is the rule: a new buffer of the size of
    /// a full read would be new pages from the kernel, each time.
    mutating func takeForReuse(capacity: Int) -> ByteBuffer {
        var buffer = ByteBuffer()
        swap(&buffer, &self)
        if buffer.capacity > LinkBuffers.keptBytes, capacity <= buffer.capacity / 4 { buffer = ByteBuffer() }
        buffer.clear(minimumCapacity: capacity)
        return buffer
    }
}
