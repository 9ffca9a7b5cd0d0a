import NIOCore

/// How a link's socket is read and written, on both sides.
enum LinkBuffers {
    /// Reads of up to 256 KiB: one WebSocket carries many conversations, and each read costs a system call.
    static let allocator: any RecvByteBufferAllocator = AdaptiveRecvByteBufferAllocator(
        minimum: 4 * 1024,
        initial: 16 * 1024,
        maximum: 256 * 1024
    )

    /// Bytes kept outside the kernel at which the scheduler stops, and goes on: what is here can no longer be overtaken.
    static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 64 * 1024, high: 128 * 1024)

    #if os(Linux)
    /// TCP_NOTSENT_LOWAT (tcp(7) knows it by this number since Linux 3.12).
    static let unsentOption = ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: 25))
    /// Unsent bytes that the kernel takes for the link, for the same reason.
    static let unsentBytes = 128 * 1024
    #endif
}
