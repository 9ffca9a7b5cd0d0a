import DequeModule
import NIOCore
import NIOWebSocket
import TPoTWire

/// The sending half of a link: sends the conversations' messages as frames, fairly and no faster than the link accepts.
///
///     conversations ──► LinkScheduler ──(LinkWindow: how much)──► WebSocketFrameWriter ──► socket
///
/// Everything that conversations send in one turn of the event loop leaves in one write.
final class LinkSender: LinkTurnTaker {
    /// Payloads up to this size are copied into the batch. Larger ones are sent from their own buffer, unless masked.
    private static let copiedPayload = 4 * 1024
    /// A batch of this size is written before the next one is filled.
    private static let batchBytes = 128 * 1024
    /// Bytes after which other sockets get their turn: half a millisecond if nothing is slow.
    static let turnBytes = 512 * 1024

    private let masks: Bool
    private let turns: LinkTurns
    /// Is informed of each close that was sent, and is closed if the peer lets too many of them wait.
    weak var link: TunnelLink?
    private var context: ChannelHandlerContext?
    /// Whether the link is over or a close frame was sent: nothing more is sent.
    private var isStopped = false

    var scheduler = LinkScheduler()
    private var window = LinkWindow()
    private var writer: WebSocketFrameWriter
    private var isTrustScheduled = false
    /// When the latest ping was sent.
    private(set) var lastPing = NIODeadline.uptimeNanoseconds(0)

    /// Whether the limits that depend on the link's rate are those for a fast link.
    private var isFast = false
    private var nextFlush = NextFlush.none
    private enum NextFlush {
        case none
        case endOfTurn
        /// With the link's next turn, see ``turns``.
        case nextTurn
    }
    private var isFlushing = false
    private var spareBatch = ByteBuffer()
    /// Kept up to date from the channel's events: asking the channel for every message would cost two dynamic calls.
    private var isWritable = true
    /// The payload of the peer's latest ping. Its pong also answers all earlier pings (RFC 6455 section 5.5.3).
    private var pongDue: ByteBuffer?
    /// Flows whose sockets wait until the total has room, in the order in which they were stopped.
    var waitingToRead = Deque<LinkFlow>()
    /// Flows whose own queues have room again.
    var drained: [LinkFlow] = []

    /// The extensions that both sides agreed on.
    var extensions: TunnelExtensions = []

    init(masks: Bool, turns: LinkTurns) {
        self.masks = masks
        self.turns = turns
        writer = WebSocketFrameWriter(masks: masks)
    }

    /// The event loop's clock, which a test can move.
    private var now: NIODeadline { context?.eventLoop.now ?? .now() }

    /// Bytes that wait for the socket; for tests and the log.
    var waitingBytes: Int { scheduler.totalBytes }

    /// Whether anything waits for the socket: bytes, control messages or ends of conversations.
    var isSending: Bool { scheduler.totalBytes > 0 || scheduler.hasControl || scheduler.endsWaiting > 0 }

    /// The last round trip.
    var roundTrip: TimeAmount? { window.roundTrip }

    // MARK: The socket

    /// The link has got its connection.
    func start(_ context: ChannelHandlerContext) {
        self.context = context
        lastPing = now
        isWritable = context.channel.isWritable
        scheduleFlush()
    }

    func writabilityChanged(_ isWritable: Bool) {
        self.isWritable = isWritable
        if isWritable { scheduleFlush() }
    }

    /// From now on nothing is sent.
    func stop() { isStopped = true }

    /// The connection is gone.
    func disconnected() { context = nil }

    /// Answers a ping from the peer.
    func pinged(_ payload: ByteBuffer) {
        pongDue = payload
        scheduleFlush()
    }

    /// A pong came with the number of one of our pings.
    func answered(_ number: UInt64) {
        window.answered(number, at: now)
        adaptToRate()
        scheduleFlush()
    }

    private func adaptToRate() {
        guard window.isFast != isFast, let context else { return }
        isFast = window.isFast
        scheduler.quantum = isFast ? scheduler.limits.fastQuantum : scheduler.limits.quantum
        LinkBuffers.limitWaiting(on: context.channel, isFast: isFast)
    }

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

    /// Reports that the conversation's local side has closed its sending half. Only if ``extensions`` allow it.
    func sendHalfClosed(_ flow: LinkFlow) {
        scheduler.halfClose(flow)
        scheduleFlush()
    }

    /// Drops the waiting data of a conversation that the other side has ended.
    func discard(_ flow: LinkFlow) { scheduler.discard(flow) }

    /// Sends the conversation's close: after its waiting data, or instead of it if `discarding`.
    func sendClosed(_ flow: LinkFlow, discarding: Bool) {
        scheduler.close(flow, discarding: discarding)
        guard scheduler.endsWaiting <= LinkScheduler.Limits.endsWaiting else {
            // This happens only with a peer that reopens conversations without having read that they ended.
            let reason = "it opens conversations and does not read that they ended"
            // Deferred, because this may be called while the link reads frames: see `TunnelLink.peerClose`.
            context?.eventLoop.assumeIsolated().execute {
                self.link?.close(code: 4180, reason: reason, end: .protocolError(reason))
            }
            return
        }
        scheduleFlush()
    }

    /// Sends a message outside any conversation.
    func send(_ message: TunnelMessage) {
        guard let context, !isStopped else { return }
        var batch = context.channel.allocator.buffer(capacity: 64)
        writer.write(message, into: &batch)
        context.writeAndFlush(NIOAny(batch), promise: nil)
    }

    /// Sends a ping now, ahead of everything that waits.
    func sendPing() {
        guard let context, !isStopped else { return }
        var batch = context.channel.allocator.buffer(capacity: 32)
        writeProbe(into: &batch)
        context.writeAndFlush(NIOAny(batch), promise: nil)
    }

    /// Writes a close frame, after which nothing is sent. It is not flushed here: a flush may end the link, and the
    /// link must know the reason first.
    func writeClose(_ payload: ByteBuffer) {
        guard let context, !isStopped else { return }
        isStopped = true
        var batch = context.channel.allocator.buffer(capacity: 160)
        writer.write(.connectionClose, payload, into: &batch)
        context.write(NIOAny(batch), promise: nil)
    }

    func setPaused(_ isPaused: Bool, _ flow: LinkFlow) {
        scheduler.setPaused(isPaused, flow)
        // This also applies to a pause: bytes that now stay here no longer keep other sockets from being read.
        scheduleFlush()
    }

    // MARK: Flushing

    /// Schedules a flush for the end of this turn of the event loop, unless one is scheduled already.
    private func scheduleFlush() {
        // A running flush checks at its end what is left.
        guard nextFlush == .none, !isFlushing, let context, !isStopped else { return }
        nextFlush = .endOfTurn
        context.eventLoop.assumeIsolated().execute { self.flush() }
    }

    func takeTurn() { flush() }

    private func flush() {
        nextFlush = .none
        // A peer that does not read is sent nothing more, not even control: unlike the channel, our queues are bounded.
        guard let context, !isStopped, isWritable else { return }
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
                link?.sentClosed(flow.id)
            case .data(let flow, let bytes):
                if masks || bytes.readableBytes <= Self.copiedPayload {
                    writer.writeData(flow.id, bytes, into: &batch)
                } else {
                    writer.writeUnmaskedDataHead(flow.id, length: bytes.readableBytes, into: &batch)
                    context.write(NIOAny(batch), promise: nil)
                    context.write(NIOAny(bytes), promise: nil)
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
                context.writeAndFlush(NIOAny(batch), promise: nil)
                written = 0
                batch.clear(minimumCapacity: batchCapacity)
            }
        }
        if window.wantsProbe { writeProbe(into: &batch) }
        if batch.readableBytes > 0 { context.write(NIOAny(batch), promise: nil) }
        context.flush()
        spareBatch = batch
        resumeReading()
        // The rest of a long turn, or what came during this flush; not what waits for the window or the socket.
        let isLeft = pongDue != nil || scheduler.hasControl || (scheduler.hasData && window.allowance > 0)
        guard isLeft, isWritable, !isStopped else { return }
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

    /// Checks a full window again later, in case no pong comes.
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
        lastPing = now
        writer.write(.ping, ByteBuffer(integer: window.probe(at: lastPing)), into: &batch)
    }
}
