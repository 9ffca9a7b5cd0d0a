import NIOCore
import NIOTLS

/// The target's end of a conversation's pipeline: passes everything on to its owner, which has the rules.
final class TargetHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var owner: (any TargetOwner)?
    private var context: ChannelHandlerContext?
    private var error: String?
    /// Over TLS the target counts as connected when the handshake is done.
    private let usesTLS: Bool
    private var isConnected = false
    private var handshakeTimer: Scheduled<Void>?

    init(owner: any TargetOwner, usesTLS: Bool) {
        self.owner = owner
        self.usesTLS = usesTLS
    }

    /// Whether the target's socket takes more without the channel keeping it.
    private(set) var takesMore = true

    /// Bytes that the channel keeps for the target.
    var waitingBytes: Int {
        guard let options = context?.channel.syncOptions else { return 0 }
        return (try? options.getOption(.bufferedWritableBytes)) ?? 0
    }

    func write(_ bytes: ByteBuffer) {
        guard let context else { return }
        context.write(wrapOutboundOut(bytes), promise: nil)
    }

    func flush() { context?.flush() }

    func read() { context?.read() }

    func close() { context?.close(promise: nil) }

    /// Closes once everything written so far has been taken by the target's socket.
    func flushThenClose() {
        guard let context else { return }
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
        let channel = context.channel
        written.futureResult.whenComplete { _ in channel.close(promise: nil) }
    }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func channelActive(context: ChannelHandlerContext) {
        if usesTLS {
            handshakeTimer = context.eventLoop.assumeIsolated().scheduleTask(in: TargetConnector.timeout) {
                self.error = "no TLS handshake within \(TargetConnector.timeout.nanoseconds / 1_000_000_000) s"
                self.close()
            }
        } else {
            connected()
        }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { connected() }
        context.fireUserInboundEventTriggered(event)
    }

    private func connected() {
        guard !isConnected else { return }
        isConnected = true
        handshakeTimer?.cancel()
        owner?.targetConnected(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func read(context: ChannelHandlerContext) {
        // A TLS handshake reads on its own account.
        if !isConnected || owner?.takesFromTarget() ?? false { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        owner?.targetSent(unwrapInboundIn(data))
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        takesMore = context.channel.isWritable
        owner?.targetTakesMoreChanged()
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.error = ErrorText.describe(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        let owner = self.owner
        self.owner = nil
        handshakeTimer?.cancel()
        if isConnected {
            owner?.targetClosed(error)
        } else {
            owner?.targetCouldNotConnect(error ?? "the connection was closed")
        }
        context.fireChannelInactive()
    }
}
