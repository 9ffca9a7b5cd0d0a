import NIOCore

/// How a link's socket is read and written, on both sides.
enum LinkBuffers {
    /// Reads of up to 256 KiB: one WebSocket carries many conversations, and each read costs a system call.
    static let allocator: any RecvByteBufferAllocator = AdaptiveRecvByteBufferAllocator(
        minimum: 4 * 1024,
        initial: 16 * 1024,
        maximum: 256 * 1024
    )

    /// The same for visitors and targets: whole downloads pass, but most answers are small.
    static let localAllocator: any RecvByteBufferAllocator = AdaptiveRecvByteBufferAllocator(
        minimum: 512,
        initial: 2 * 1024,
        maximum: 128 * 1024
    )

    /// A buffer of more than this is not kept for when the link has become quiet.
    fileprivate static let keptBytes = 64 * 1024

    /// Bytes kept outside the kernel at which the scheduler stops, and goes on: what is here can no longer be overtaken.
    static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 64 * 1024, high: 128 * 1024)

    #if os(Linux)
    /// TCP_NOTSENT_LOWAT (tcp(7) knows it by this number since Linux 3.12).
    static let unsentOption = ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: 25))
    /// Unsent bytes that the kernel takes for the link, for the same reason.
    static let unsentBytes = 128 * 1024
    #endif

    /// For a connection that began as a visitor's. Refused at worst, and then it is slower or less even.
    static func apply(to channel: any Channel) {
        guard let options = channel.syncOptions else { return }
        try? options.setOption(.recvAllocator, value: allocator)
        try? options.setOption(.writeBufferWaterMark, value: waterMark)
        #if os(Linux)
        try? options.setOption(unsentOption, value: unsentBytes)
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
