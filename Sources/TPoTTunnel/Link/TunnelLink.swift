import NIOCore
import NIOWebSocket
import TPoTNetwork
import TPoTWire

/// One end of the tunnel's WebSocket after the handshake: reads frames, and checks that the peer is still there.
///
///     conversations ──► LinkSender ─────────────────────────────────────► socket
///     conversations ◄── TunnelMessageDecoder ◄── WebSocketFrameDecoder ◄── socket
///
/// Both ends are the same, except for masking.
final class TunnelLink: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Role { case client, server }

    /// How long a peer may take to answer our close frame.
    private static let closeGrace = TimeAmount.seconds(2)

    let sender: LinkSender

    private let role: Role
    private weak var owner: (any TunnelLinkOwner)?
    private var context: ChannelHandlerContext?
    private var frames: WebSocketFrameDecoder
    private var messages = TunnelMessageDecoder()
    private var liveness = LinkLiveness(now: .now())
    private var timer: Scheduled<Void>?
    /// The peer's close frame, which is handled after the read. A failing flush makes NIO read again from within the
    /// flush, and the decoder is not reentrant.
    private var peerClose: (code: UInt16?, reason: String)?
    /// Why the link is closing. Once this is set, nothing is sent or delivered.
    private var end: LinkEnd?

    /// The extensions that both sides agreed on. Set before the first byte is read.
    var extensions: TunnelExtensions = [] {
        didSet {
            messages.extensions = extensions
            sender.extensions = extensions
        }
    }

    /// - Parameter turns: the turns of the event loop, shared by all its links if it has more than one.
    init(role: Role, owner: any TunnelLinkOwner, turns: LinkTurns = LinkTurns()) {
        self.role = role
        self.owner = owner
        sender = LinkSender(masks: role == .client, turns: turns)
        frames = WebSocketFrameDecoder(expectsMask: role == .server)
        sender.link = self
    }

    /// The event loop's clock, which a test can move.
    private var now: NIODeadline { context?.eventLoop.now ?? .now() }

    /// The conversation's last message was sent.
    func sentClosed(_ id: ConversationID) { owner?.linkSentClosed(id) }

    // MARK: Closing

    /// Closes the link with a close frame. If the link has no connection yet, the connection is closed as soon as it
    /// comes.
    func close(code: UInt16, reason: String, end: LinkEnd) {
        guard self.end == nil else { return }
        self.end = end
        guard let context else {
            ended(end)
            return
        }
        var payload = ByteBuffer(integer: code)
        payload.writeBytes(Self.closeReason(reason))
        sender.writeClose(payload)
        context.flush()
        let channel = context.channel
        let task = context.eventLoop.scheduleTask(in: Self.closeGrace) { channel.close(promise: nil) }
        channel.closeFuture.whenComplete { _ in task.cancel() }
        // The tunnel is over now, not only after the peer's answer.
        ended(end)
    }

    /// As much of a reason as a close frame holds: a control frame has at most 125 bytes (RFC 6455 section 5.5), and must
    /// not end within a character (5.5.1).
    private static func closeReason(_ reason: String) -> Substring.UTF8View {
        let bytes = reason.utf8
        var end = bytes.index(bytes.startIndex, offsetBy: 123, limitedBy: bytes.endIndex) ?? bytes.endIndex
        while end < bytes.endIndex, UTF8.isContinuation(bytes[end]) { bytes.formIndex(before: &end) }
        return bytes[..<end]
    }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) {
        guard end == nil else {
            context.close(promise: nil)
            return
        }
        self.context = context
        // The link was created before its connection, which may have taken long.
        liveness = LinkLiveness(now: now)
        LinkBuffers.prepare(context.channel)
        scheduleDuty()
        sender.start(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        ended(.connectionLost(.closed))
        sender.disconnected()
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        liveness.heard(at: now)
        do {
            try frames.read(bytes) { try received($0) }
        } catch let error as WebSocketError {
            close(code: error.closeCode, reason: error.description, end: .protocolError(error.description))
        } catch {
            close(code: 4180, reason: "\(error)", end: .protocolError("\(error)"))
        }
        if let peerClose { closed(by: peerClose, context) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        owner?.linkReadComplete()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        sender.writabilityChanged(context.channel.isWritable)
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        ended(.connectionLost(.closed))
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // A WebSocket is over when the peer closes its half. The server's channels stay open then, as visitors need.
        if case .inputClosed? = event as? ChannelEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        ended(.connectionLost(NetworkCause(error)))
        context.close(promise: nil)
    }

    private func received(_ event: WebSocketFrameDecoder.Event) throws {
        if case .close(let code, let reason) = event, peerClose == nil { peerClose = (code, reason) }
        // After a close frame from either side, only the peer's close frame matters.
        guard end == nil, peerClose == nil else { return }
        switch event {
        case .payload(let bytes, let isEnd):
            try messages.read(bytes, isEnd: isEnd) { message in
                if end == nil { try owner?.linkReceived(message) }
            }
        case .ping(let payload):
            owner?.linkPinged()
            sender.pinged(payload)
        case .pong(var payload):
            guard let number = payload.readInteger(as: UInt64.self), payload.readableBytes == 0 else { return }
            sender.answered(number)
            if let time = sender.roundTrip { owner?.linkRoundTrip(time) }
        case .close:
            break
        }
    }

    private func closed(by peerClose: (code: UInt16?, reason: String), _ context: ChannelHandlerContext) {
        if end == nil {
            sender.writeClose(peerClose.code.map { ByteBuffer(integer: $0) } ?? ByteBuffer())
            ended(meaning(of: peerClose))
            context.flush()
        }
        context.close(promise: nil)
    }

    private func meaning(of peerClose: (code: UInt16?, reason: String)) -> LinkEnd {
        if role == .client, peerClose.code == LinkEnd.takenOverCode {
            return extensions.contains(.lease) ? .takenOver : .protocolError("a lease was used, and none was agreed on")
        }
        // The reason appears in logs and on screens, and it may come from an untrusted peer.
        return .closedByPeer(code: peerClose.code, reason: VisibleText.line(peerClose.reason))
    }

    private func scheduleDuty() {
        guard let context else { return }
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: liveness.next) { self.doDuty() }
    }

    private func doDuty() {
        guard let context, end == nil else { return }
        liveness.pinged(at: sender.lastPing)
        switch liveness.duty(at: now) {
        case .giveUp:
            ended(.silent)
            context.close(promise: nil)
            return
        case .ping:
            sender.sendPing()
            liveness.pinged(at: sender.lastPing)
        case .none:
            break
        }
        scheduleDuty()
    }

    private func ended(_ reason: LinkEnd) {
        timer?.cancel()
        timer = nil
        sender.stop()
        let reason = end ?? reason
        end = reason
        let owner = self.owner
        self.owner = nil
        owner?.linkEnded(reason)
    }
}
