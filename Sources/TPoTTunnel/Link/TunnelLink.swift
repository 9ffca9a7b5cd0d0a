import DequeModule
import NIOCore
import NIOWebSocket
import TPoTNetwork
import TPoTWire

/// One end of the tunnel's WebSocket, after the handshake: frames in, fair frames out.
///
///     conversations ──► LinkScheduler ──(LinkWindow: how much)──► frames ──► socket
///     conversations ◄── TunnelMessageDecoder ◄── WebSocketFrameDecoder ◄──── socket
///
/// Both ends are the same but for masking. What conversations send in one turn of the event loop leaves in one write.
final class TunnelLink: ChannelInboundHandler, LinkTurnTaker {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Role { case client, server }

    /// Payloads up to this are copied into the batch; larger ones are sent from their own buffer, if not masked.
    private static let copiedPayload = 4 * 1024
    /// A batch of this size is written before the next one is filled.
    private static let batchBytes = 128 * 1024
    /// After this many bytes other sockets get their turn: half a millisecond where nothing is slow.
    static let turnBytes = 512 * 1024
    /// How long a peer that we closed may take to answer.
    private static let closeGrace = TimeAmount.seconds(2)

    private let masks: Bool
    private weak var owner: (any TunnelLinkOwner)?
    private let turns: LinkTurns
    private var context: ChannelHandlerContext?

    private var frames: WebSocketFrameDecoder
    private var messages = TunnelMessageDecoder()
    private var writer: WebSocketFrameWriter

    private var scheduler = LinkScheduler()
    private var window = LinkWindow()
    private var liveness = LinkLiveness(now: .now())
    private var timer: Scheduled<Void>?
    private var isTrustScheduled = false

    /// What the limits that depend on the link's rate were chosen for.
    private var isFast = false
    private var nextFlush = NextFlush.none
    private enum NextFlush {
        case none
        case endOfTurn
        /// In ``turns``.
        case nextTurn
    }
    private var isFlushing = false
    private var spareBatch = ByteBuffer()
    /// Kept from the channel's events: asking it for every message would be two calls through its interface.
    private var isWritable = true
    /// The payload of the peer's latest ping: answering that one answers all before it (RFC 6455 section 5.5.3).
    private var pongDue: ByteBuffer?
    private var waitingToRead = Deque<LinkFlow>()
    private var drained: [LinkFlow] = []
    /// The peer's close frame. Acted on when the read is over: a flush that fails makes NIO read once more from within it,
    /// and the decoder cannot be entered twice.
    private var peerClose: (code: UInt16?, reason: String)?
    /// Why we are closing, once we are: nothing is sent or delivered any more.
    private var end: LinkEnd?

    /// What both sides know beyond the protocol. To be set before the first byte is read.
    var extensions: TunnelExtensions = [] {
        didSet { messages.extensions = extensions }
    }

    /// - Parameter turns: those of the event loop, where it has more than one link.
    init(role: Role, owner: any TunnelLinkOwner, turns: LinkTurns = LinkTurns()) {
        masks = role == .client
        self.turns = turns
        frames = WebSocketFrameDecoder(expectsMask: role == .server)
        writer = WebSocketFrameWriter(masks: role == .client)
        self.owner = owner
    }

    /// The event loop's clock, which a test can move.
    private var now: NIODeadline { context?.eventLoop.now ?? .now() }

    /// Bytes that wait for the socket, for tests and the log.
    var waitingBytes: Int { scheduler.totalBytes }

    /// Whether anything waits for the socket: bytes, control, ends of conversations.
    var isSending: Bool { scheduler.totalBytes > 0 || scheduler.hasControl || scheduler.endsWaiting > 0 }

    // MARK: Sending

    func open(_ message: TunnelMessage, _ flow: LinkFlow) {
        scheduler.open(message, flow)
        scheduleFlush()
    }

    func send(_ bytes: ByteBuffer, _ flow: LinkFlow) {
        scheduler.data(bytes, flow)
        scheduleFlush()
    }

    func sendFlowControl(_ message: TunnelMessage, _ flow: LinkFlow) {
        scheduler.flowControl(message, flow)
        scheduleFlush()
    }

    func sendCouldNotConnect(_ flow: LinkFlow) {
        scheduler.couldNotConnect(flow)
        scheduleFlush()
    }

    /// Says that the conversation's local side has closed its sending half. Only where ``extensions`` have it.
    func sendHalfClosed(_ flow: LinkFlow) {
        scheduler.halfClose(flow)
        scheduleFlush()
    }

    /// Drops what waits for a conversation that the other side has ended.
    func discard(_ flow: LinkFlow) { scheduler.discard(flow) }

    /// Sends the conversation's close: after what waits for it, or, `discarding`, instead of it.
    func sendClosed(_ flow: LinkFlow, discarding: Bool) {
        scheduler.close(flow, discarding: discarding)
        guard scheduler.endsWaiting <= LinkScheduler.Limits.endsWaiting else {
            // Only for a peer that opens conversations again whose end it has not read.
            let reason = "it opens conversations and does not read that they ended"
            // Not now: this may be called while its frames are read, see `peerClose`.
            context?.eventLoop.assumeIsolated().execute {
                self.close(code: 4180, reason: reason, end: .protocolError(reason))
            }
            return
        }
        scheduleFlush()
    }

    /// Sends a message outside any conversation.
    func send(_ message: TunnelMessage) {
        guard let context, end == nil else { return }
        var batch = context.channel.allocator.buffer(capacity: 64)
        writer.write(message, into: &batch)
        context.writeAndFlush(wrapOutboundOut(batch), promise: nil)
    }

    func setPaused(_ isPaused: Bool, _ flow: LinkFlow) {
        scheduler.setPaused(isPaused, flow)
        // Also on a pause: what stays here now no longer keeps others from being read.
        scheduleFlush()
    }

    /// Whether the flow's socket may be read; if not, its feeder is told when it may.
    func mayRead(_ flow: LinkFlow) -> Bool {
        if flow.stopped != .allowed { return false }
        flow.stopped = scheduler.reading(flow)
        if flow.stopped == .untilOthersDrain { waitingToRead.append(flow) }
        return flow.stopped == .allowed
    }

    /// Closes the link with a close frame. One that waits for its connection closes that when it comes.
    func close(code: UInt16, reason: String, end: LinkEnd) {
        guard self.end == nil else { return }
        self.end = end
        guard let context else {
            ended(end)
            return
        }
        var payload = ByteBuffer(integer: code)
        payload.writeBytes(Self.closeReason(reason))
        writeControl(.connectionClose, payload, context)
        context.flush()
        let channel = context.channel
        let task = context.eventLoop.scheduleTask(in: Self.closeGrace) { channel.close(promise: nil) }
        channel.closeFuture.whenComplete { _ in task.cancel() }
        // The tunnel is over now, not when the peer has answered.
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

    private func writeControl(_ opcode: WebSocketOpcode, _ payload: ByteBuffer, _ context: ChannelHandlerContext) {
        var batch = context.channel.allocator.buffer(capacity: 160)
        writer.write(opcode, payload, into: &batch)
        context.write(wrapOutboundOut(batch), promise: nil)
    }

    // MARK: Flushing

    /// Has what waits sent at the end of this turn of the event loop, or with the link's next turn where it waits for that.
    private func scheduleFlush() {
        // A flush itself looks at its end what is left.
        guard nextFlush == .none, !isFlushing, let context, end == nil else { return }
        nextFlush = .endOfTurn
        context.eventLoop.assumeIsolated().execute { self.flush() }
    }

    func takeTurn() { flush() }

    private func flush() {
        nextFlush = .none
        // A peer that does not read gets nothing more, not even control: what waits is bounded, the channel is not.
        guard let context, end == nil, isWritable else { return }
        isFlushing = true
        defer { isFlushing = false }
        var turn = 0
        var batch = spareBatch.takeForReuse(capacity: batchCapacity)
        var written = 0

        if let payload = pongDue {
            pongDue = nil
            writer.write(.pong, payload, into: &batch)
        }
        while let message = scheduler.nextControl() { writer.write(message, into: &batch) }
        while scheduler.hasData, isWritable {
            let allowance = window.allowance
            guard allowance > 0 else {
                window.limited()
                scheduleTrust()
                break
            }
            guard turn < Self.turnBytes else { break }
            let most = max(min(allowance, window.probeBytes), scheduler.limits.quantum)
            guard let item = scheduler.nextData(limit: most) else { break }
            let before = batch.readableBytes
            switch item {
            case .closed(let flow):
                writer.write(endMessage(of: flow), into: &batch)
                owner?.linkSentClosed(flow.id)
            case .data(let flow, let bytes):
                if masks || bytes.readableBytes <= Self.copiedPayload {
                    writer.writeData(flow.id, bytes, into: &batch)
                } else {
                    writer.writeUnmaskedDataHead(flow.id, length: bytes.readableBytes, into: &batch)
                    context.write(wrapOutboundOut(batch), promise: nil)
                    context.write(wrapOutboundOut(bytes), promise: nil)
                    written += batch.readableBytes + bytes.readableBytes
                    window.sent(batch.readableBytes - before + bytes.readableBytes)
                    turn += bytes.readableBytes
                    batch = context.channel.allocator.buffer(capacity: 512)
                }
                noteDrained(flow)
            }
            let added = batch.readableBytes - min(before, batch.readableBytes)
            window.sent(added)
            turn += added
            if window.wantsProbe { writeProbe(into: &batch) }
            if written + batch.readableBytes >= Self.batchBytes {
                context.writeAndFlush(wrapOutboundOut(batch), promise: nil)
                written = 0
                batch.clear(minimumCapacity: batchCapacity)
            }
        }
        if window.wantsProbe { writeProbe(into: &batch) }
        if batch.readableBytes > 0 { context.write(wrapOutboundOut(batch), promise: nil) }
        context.flush()
        spareBatch = batch
        resumeReading()
        // The rest of a long turn, or what came within this flush; not what waits for the window or for the socket.
        let isLeft = pongDue != nil || scheduler.hasControl || (scheduler.hasData && window.allowance > 0)
        guard isLeft, isWritable, end == nil else { return }
        nextFlush = .nextTurn
        turns.wait(self, on: context.eventLoop)
    }

    private func endMessage(of flow: LinkFlow) -> TunnelMessage {
        extensions.contains(.cause)
            ? .ended(flow.id, flow.end.cause, taken: flow.end.taken) : .closed(flow.id)
    }

    private var batchCapacity: Int {
        min(scheduler.totalBytes + 512, Self.batchBytes + WebSocketFrameWriter.maximumHeadLength)
    }

    /// Looks again at a full window for which no pong comes.
    private func scheduleTrust() {
        guard !isTrustScheduled, let context else { return }
        isTrustScheduled = true
        context.eventLoop.assumeIsolated().scheduleTask(deadline: window.trustTime) {
            self.isTrustScheduled = false
            self.window.trust(at: self.now)
            self.scheduleFlush()
        }
    }

    private func writeProbe(into batch: inout ByteBuffer) {
        let now = now
        liveness.pinged(at: now)
        writer.write(.ping, ByteBuffer(integer: window.probe(at: now)), into: &batch)
    }

    private func noteDrained(_ flow: LinkFlow) {
        guard flow.stopped == .untilConversationDrains, flow.bytes <= scheduler.limits.resumeBytes else { return }
        flow.stopped = .allowed
        drained.append(flow)
    }

    /// Lets sockets be read again for which there is room now, in the order in which they were stopped.
    private func resumeReading() {
        if !drained.isEmpty {
            let flows = drained
            drained.removeAll(keepingCapacity: true)
            for flow in flows { flow.feeder?.linkTakesMore() }
        }
        // Each of them may bring one read, so no more are let go than there is room for.
        var room = scheduler.limits.totalBytes - scheduler.readyBytes
        // When nothing waits all are let go: no later flush is sure to come.
        while room > 0 || scheduler.readyBytes == 0, let flow = waitingToRead.popFirst() {
            flow.stopped = .allowed
            guard let feeder = flow.feeder else { continue }
            room -= scheduler.limits.resumeBytes
            feeder.linkTakesMore()
        }
    }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) {
        guard end == nil else {
            context.close(promise: nil)
            return
        }
        self.context = context
        // The link was made before its connection, and that may have taken long.
        liveness = LinkLiveness(now: now)
        LinkBuffers.prepare(context.channel)
        isWritable = context.channel.isWritable
        scheduleDuty()
        scheduleFlush()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        ended(.connectionLost(.closed))
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
        isWritable = context.channel.isWritable
        if isWritable { scheduleFlush() }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        ended(.connectionLost(.closed))
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // A WebSocket whose other side has closed its half is over; the server's channels allow that to visitors.
        if case .inputClosed? = event as? ChannelEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        ended(.connectionLost(NetworkCause(error)))
        context.close(promise: nil)
    }

    private func received(_ event: WebSocketFrameDecoder.Event) throws {
        if case .close(let code, let reason) = event, peerClose == nil { peerClose = (code, reason) }
        // After a close frame only the peer's is of interest.
        guard end == nil, peerClose == nil else { return }
        switch event {
        case .payload(let bytes, let isEnd):
            try messages.read(bytes, isEnd: isEnd) { message in
                if end == nil { try owner?.linkReceived(message) }
            }
        case .ping(let payload):
            pongDue = payload
            owner?.linkPinged()
            scheduleFlush()
        case .pong(var payload):
            guard let number = payload.readInteger(as: UInt64.self), payload.readableBytes == 0 else { return }
            window.answered(number, at: now)
            adaptToRate()
            if let time = window.roundTrip { owner?.linkRoundTrip(time) }
            scheduleFlush()
        case .close:
            break
        }
    }

    private func closed(by peerClose: (code: UInt16?, reason: String), _ context: ChannelHandlerContext) {
        if end == nil {
            writeControl(.connectionClose, peerClose.code.map { ByteBuffer(integer: $0) } ?? ByteBuffer(), context)
            ended(meaning(of: peerClose))
            context.flush()
        }
        context.close(promise: nil)
    }

    private func meaning(of peerClose: (code: UInt16?, reason: String)) -> LinkEnd {
        if masks, peerClose.code == LinkEnd.takenOverCode {
            return extensions.contains(.lease) ? .takenOver : .protocolError("a lease was used, and none was agreed on")
        }
        // It ends up in logs and on screens, and the peer may be anybody.
        return .closedByPeer(code: peerClose.code, reason: VisibleText.line(peerClose.reason))
    }

    private func adaptToRate() {
        guard window.isFast != isFast, let context else { return }
        isFast = window.isFast
        scheduler.quantum = isFast ? scheduler.limits.fastQuantum : scheduler.limits.quantum
        LinkBuffers.limitWaiting(on: context.channel, isFast: isFast)
    }

    private func scheduleDuty() {
        guard let context else { return }
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: liveness.next) { self.doDuty() }
    }

    private func doDuty() {
        guard let context, end == nil else { return }
        switch liveness.duty(at: now) {
        case .giveUp:
            ended(.silent)
            context.close(promise: nil)
            return
        case .ping:
            var batch = context.channel.allocator.buffer(capacity: 32)
            writeProbe(into: &batch)
            context.writeAndFlush(wrapOutboundOut(batch), promise: nil)
        case .none:
            break
        }
        scheduleDuty()
    }

    private func ended(_ reason: LinkEnd) {
        timer?.cancel()
        timer = nil
        let reason = end ?? reason
        end = reason
        let owner = self.owner
        self.owner = nil
        owner?.linkEnded(reason)
    }
}
