import NIOCore

/// Stops accepting for a moment after an error that only time cures, as without descriptors or memory.
///
/// NIO's `AcceptBackoffHandler` does not help here (NIO 2.101): it delays the next read, but an error leaves the read that
/// failed pending, so the listening socket stays registered and the loop tries again without end.
final class AcceptPauseHandler: ChannelInboundHandler {
    typealias InboundIn = Any

    private let pause: (IOError) -> TimeAmount?

    /// - Parameter pause: how long to wait after an error; nil to go on.
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
        // Fails only once the channel is closed.
        try? channel.syncOptions?.setOption(.autoRead, value: false)
        context.eventLoop.assumeIsolated().scheduleTask(in: time) {
            try? channel.syncOptions?.setOption(.autoRead, value: true)
        }
    }
}
