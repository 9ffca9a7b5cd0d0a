import NIOCore

/// Stops accepting for a moment after an error that only time cures, such as a lack of descriptors or memory.
///
/// NIO's `AcceptBackoffHandler` does not help here (NIO 2.101): it delays the next read, but the failed read stays
/// pending after an error, so the listening socket stays registered and the event loop retries without end.
final class AcceptPauseHandler: ChannelInboundHandler {
    typealias InboundIn = Any

    private let pause: (IOError) -> TimeAmount?

    /// - Parameter pause: how long to wait after an error; nil to continue at once.
    init(pause: @escaping (IOError) -> TimeAmount?) {
        self.pause = pause
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? IOError else {
            context.fireErrorCaught(error)
            return
        }
        guard let time = pause(error) else { return }
        let channel = context.channel
        // This fails only if the channel is closed.
        try? channel.syncOptions?.setOption(.autoRead, value: false)
        context.eventLoop.assumeIsolated().scheduleTask(in: time) {
            try? channel.syncOptions?.setOption(.autoRead, value: true)
        }
    }
}
