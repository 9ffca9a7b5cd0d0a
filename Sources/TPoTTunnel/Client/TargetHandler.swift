import NIOCore
import NIOTLS
import TPoTNetwork

/// The last handler in the pipeline of a target's connection. Its owner makes all decisions.
final class TargetHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var owner: (any TargetOwner)?
    private var context: ChannelHandlerContext?
    private var cause: NetworkCause?
    /// Over TLS the target counts as connected once the handshake is done.
    private let usesTLS: Bool
    private var isConnected = false
    /// Whether the channel asked for a read that has to wait.
    private var isReadWanted = false
    private var handshakeTimer: Scheduled<Void>?

    init(owner: any TargetOwner, usesTLS: Bool) {
        self.owner = owner
        self.usesTLS = usesTLS
    }

    /// Holds the bytes that the target's socket has not taken.
    let writer = LocalWriter()

    /// Queues bytes for the next ``flush(portion:)``.
    func write(_ bytes: ByteBuffer) { writer.add(bytes) }

    func flush(portion: Int = LocalWriter.portion) {
        guard let context else { return }
        if writer.flush(context, portion: portion) {
            writer.whenCaughtUp(context) {
                self.writer.caughtUp()
                // The owner flushes again if it has more.
                self.owner?.targetCaughtUp()
            }
        }
    }

    func close() {
        writer.dropAll()
        context?.close(promise: nil)
    }

    /// Closes, and tells the owner nothing more.
    func detach() {
        owner = nil
        handshakeTimer?.cancel()
        close()
    }

    /// Closes the sending half. False if the target has not taken everything that was written.
    func halfClose() -> Bool {
        guard let context, isConnected, writer.waitingBytes == 0 else { return false }
        context.close(mode: .output, promise: nil)
        return true
    }

    /// Closes once the target's socket has taken everything written so far.
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
        // The TLS handshake reads without asking the owner.
        isReadWanted = isConnected && owner?.claimRead() != true
        if !isReadWanted { context.read() }
    }

    /// Reads the socket if a read was asked for before and is allowed now.
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

/// Owns a connection to the target and receives its events, on its event loop.
protocol TargetOwner: AnyObject {
    func targetConnected(_ handler: TargetHandler)
    /// The connection could not be made.
    func targetCouldNotConnect(_ cause: NetworkCause)
    /// Asks to read the target's socket. If that has to wait, the owner calls ``TargetHandler/resumeReading()`` later.
    func claimRead() -> Bool
    func targetSent(_ bytes: ByteBuffer)
    /// The target's socket has taken what the channel had, so there may be room for more.
    func targetCaughtUp()
    /// `cause` is nil after an orderly end.
    func targetClosed(_ cause: NetworkCause?)
}
