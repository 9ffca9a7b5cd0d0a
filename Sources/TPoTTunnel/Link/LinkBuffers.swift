import NIOCore

/// How a link's socket is read and written, on both sides.
enum LinkBuffers {
    /// Reads of up to 256 KiB: one WebSocket carries many conversations, and each read costs a system call.
    private static let allocator: any RecvByteBufferAllocator = AdaptiveRecvByteBufferAllocator(
        minimum: 4 * 1024,
        initial: 16 * 1024,
        maximum: 256 * 1024
    )

    /// The same for visitors and targets: these carry whole downloads, but most answers are small.
    private static let localAllocator: any RecvByteBufferAllocator = AdaptiveRecvByteBufferAllocator(
        minimum: 512,
        initial: 512,
        maximum: 128 * 1024
    )

    /// A larger buffer is not kept when the link has become quiet.
    fileprivate static let keptBytes = 64 * 1024

    #if os(Linux)
    /// TCP_NOTSENT_LOWAT (tcp(7) knows it by this number since Linux 3.12).
    private static let unsentOption = ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: 25))
    #endif

    /// For a connection that has become a link. Without these options, which may be refused, it is slower or less even.
    static func prepare(_ channel: any Channel) {
        try? channel.syncOptions?.setOption(.recvAllocator, value: allocator)
        limitWaiting(on: channel, isFast: false)
    }

    /// For a visitor's or a target's connection.
    static func prepareLocal(_ channel: any Channel) throws {
        try channel.syncOptions?.setOption(.recvAllocator, value: localAllocator)
        // NIO asks whether it may read only before a series of reads, four by default. Each connection would keep four
        // times as much as its limits say.
        try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
    }

    /// Bounds the bytes that wait in the channel and unsent in the kernel, because no other message can overtake them
    /// there. Each limit holds 26 ms of data on a link of 5 MB/s; on a fast link they hold 3 and 5 ms.
    ///
    /// The kernel asks for more when half of its unsent bytes are sent. If two processes share a core, a fast link
    /// sends that half before the event loop runs again: with 256 KiB it was idle for a fifth of the time.
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
    /// Takes the buffer out for use, empty and with room for `capacity` bytes. The caller puts it back afterwards.
    ///
    /// The memory is reused if no slice of it is held any more, which is the usual case. A new buffer of the size of a
    /// full read would need new pages from the kernel each time.
    mutating func takeForReuse(capacity: Int) -> ByteBuffer {
        var buffer = ByteBuffer()
        swap(&buffer, &self)
        if buffer.capacity > LinkBuffers.keptBytes, capacity <= buffer.capacity / 4 { buffer = ByteBuffer() }
        buffer.clear(minimumCapacity: capacity)
        return buffer
    }
}
