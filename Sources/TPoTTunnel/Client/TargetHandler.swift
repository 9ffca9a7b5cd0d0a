import NIOCore
import NIOTLS
import TPoTNetwork

/// The target's end of a conversation's pipeline: passes everything on to its owner, which has the rules.
final class TargetHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var owner: (any TargetOwner)?
    private var context: ChannelHandlerContext?
    private var cause: NetworkCause?
    /// Over TLS the target counts as connected when the handshake is done.
    private let usesTLS: Bool
    private var isConnected = false
    /// The channel asked for a read, and that has to wait.
    private var isReadWanted = false
    private var handshakeTimer: Scheduled<Void>?

    init(owner: any TargetOwner, usesTLS: Bool) {
        self.owner = owner
        self.usesTLS = usesTLS
    }

    /// What the target's socket has not taken.
    let writer = LocalWriter()

    /// To be sent with the next ``flush(portion:)``.
    func write(_ bytes: ByteBuffer) { writer.add(bytes) }

    func flush(portion: Int = LocalWriter.portion) {
        guard let context else { return }
        if writer.flush(context, portion: portion) {
            writer.whenCaughtUp(context) {
                self.writer.caughtUp()
                // Flushes again, where it has more.
                self.owner?.targetCaughtUp()
            }
        }
    }

    func close() {
        writer.dropAll()
        context?.close(promise: nil)
    }

    /// Closes the sending half. False while the target has not taken all that was written.
    func halfClose() -> Bool {
        guard let context, isConnected, writer.waitingBytes == 0 else { return false }
        context.close(mode: .output, promise: nil)
        return true
    }

    /// Closes once everything written so far has been taken by the target's socket.
    func flushThenClose() {
        guard let context else { return }
        writer.writeAll(context)
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
                self.cause = .noAnswer
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
        isReadWanted = isConnected && owner?.claimRead() != true
        if !isReadWanted { context.read() }
    }

    /// Reads the socket if that was asked for before, and is allowed now.
    func resumeReading() {
        guard isReadWanted, let context, owner?.claimRead() == true else { return }
        isReadWanted = false
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        owner?.targetSent(unwrapInboundIn(data))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        cause = NetworkCause(error, in: context)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        let owner = self.owner
        self.owner = nil
        handshakeTimer?.cancel()
        if isConnected {
            owner?.targetClosed(cause)
        } else {
            owner?.targetCouldNotConnect(cause ?? .closed)
        }
        context.fireChannelInactive()
    }
}

/// Whose connection to the target it is: told what happens on it, on its event loop.
protocol TargetOwner: AnyObject {
    func targetConnected(_ handler: TargetHandler)
    /// The connection did not come about.
    func targetCouldNotConnect(_ cause: NetworkCause)
    /// Asks to read the target's socket. Where that has to wait, the owner calls ``TargetHandler/resumeReading()`` later.
    func claimRead() -> Bool
    func targetSent(_ bytes: ByteBuffer)
    /// The target's socket has taken what the channel had; there may be room for more.
    func targetCaughtUp()
    /// `cause` where it was no orderly end.
    func targetClosed(_ cause: NetworkCause?)
}
