import Logging
import NIOCore
import TPoTWire

/// A visitor's connection: reads its requests, routes each by its own Host, and carries out what its
/// ``VisitorMachine`` decides. Lives on the server's event loop.
///
/// While the Host stays the same the connection stays on its conversation. When it changes, the request waits until
/// the answers under way are complete: a reverse proxy may use one connection for several hosts.
final class VisitorHandler: ChannelDuplexHandler, RemovableChannelHandler, LinkFeeder, BacklogOwner {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// A head has to be whole within this time of the connection, or of its first byte where no tunnel is open.
    private static let headTimeout = TimeAmount.seconds(60)

    private let server: ServerCore
    private var context: ChannelHandlerContext?
    private var remote = RemoteAddress(ip: 0, port: 0)

    private var reader = HTTPConversationReader()
    private var machine = VisitorMachine()
    private var tunnel: ServerTunnel?
    private var flow: LinkFlow?

    /// The Host of the conversation, byte for byte: the usual request has the same.
    private var currentHost: [UInt8] = []
    /// A request for another host, or one to be refused, that waits for the answers under way.
    private var next: Next?
    /// Indirect, because it is looked at for each answer, seldom there, and large.
    private indirect enum Next {
        case request(HTTPRequestHead)
        /// `inBody`: what was wrong belongs to a request whose head has gone to the target.
        case refusal(ServerAnswer, inBody: Bool)
    }
    private var isInBody = false

    private let writer = LocalWriter()
    /// Where what waits for this visitor counts: in the tunnel's, also after the conversation, and the server's.
    private let backlogs: BacklogMembership

    private var isReadWanted = false
    private var needsFlush = false
    /// The latest request said that it is the last one (RFC 9112, 9.6).
    private var hasAnnouncedEnd = false
    private var headTimer: Scheduled<Void>?
    private var lastByte = NIODeadline.now()

    init(server: ServerCore) {
        self.server = server
        backlogs = BacklogMembership([server.backlog])
    }

    private var reading: VisitorMachine.Reading {
        VisitorMachine.Reading(
            answersDue: answersDue,
            isAnswerBegun: reader.answerBegun,
            // What came before a request that waits is complete.
            isRequestIncomplete: reader.requestIncomplete && next == nil,
            isOpaque: reader.isOpaque
        )
    }

    /// A request that has not been sent to the target is not one that the target owes an answer.
    private var answersDue: Int { reader.answersDue - (isRequestWaiting ? 1 : 0) }

    private var isRequestWaiting: Bool {
        if case .request? = next { true } else { false }
    }

    // MARK: From the visitor

    private func visitorSent(_ bytes: ByteBuffer) {
        guard !machine.isLeaving else { return }
        if machine.hasInputEnded { lastByte = .now() }
        let isAlone = reader.bytesHeld == 0
        reader.visitorSent(bytes)
        pullRequests(GatheredPieces(whole: isAlone ? bytes : nil))
    }

    /// Sends on what the reader has, as far as it may go now.
    private func pullRequests(_ gathered: GatheredPieces = GatheredPieces(whole: nil)) {
        var pieces = gathered
        while !machine.isLeaving, context != nil {
            if next != nil {
                guard let head = startNextIfAnswered() else { break }
                add(head.raw, to: &pieces)
                continue
            }
            guard let event = reader.nextFromVisitor() else { break }
            switch event {
            case .head(let head) where isForCurrentConversation(head):
                isInBody = true
                hasAnnouncedEnd = head.wantsClose
                add(head.raw, to: &pieces)
            case .head(let head):
                isInBody = true
                // What came before belongs to another conversation.
                send(pieces.split())
                next = .request(head)
            case .body(let bytes), .opaque(let bytes):
                add(bytes, to: &pieces)
            case .end:
                isInBody = false
            case .invalid(let fault):
                next = .refusal(ServerAnswer(status: fault.status, detail: fault.reason), inBody: isInBody)
            }
        }
        send(pieces.take())
    }

    private func add(_ bytes: ByteBuffer, to pieces: inout GatheredPieces) {
        if let full = pieces.add(bytes) { send(full) }
    }

    private func send(_ bytes: ByteBuffer?) {
        guard let bytes, let flow, machine.isOpen else { return }
        tunnel?.link?.send(bytes, flow)
    }

    private func isForCurrentConversation(_ head: HTTPRequestHead) -> Bool {
        guard machine.isOpen, head.hostFault == nil, let host = head.host else { return false }
        return host.elementsEqual(currentHost)
    }

    // MARK: Routing

    /// Takes up what waits, once the answers before it are complete. Returns the head to send to its conversation.
    private func startNextIfAnswered() -> HTTPRequestHead? {
        guard let next else { return nil }
        switch next {
        case .refusal(let answer, let inBody):
            // The target waits for the rest of a body that is broken: there will be no answer but ours.
            let isOurs = answersDue == (inBody ? 1 : 0) && !reader.answerBegun
            guard isOurs || answersDue == 0 else { return nil }
            self.next = nil
            answerOurselves(isOurs ? answer : nil)
            return nil
        case .request(let head):
            guard answersDue == 0 else { return nil }
            // Whoever takes the connection over must not find many answers in it that the visitor does not take.
            if writer.waitingBytes > 0, case .endpoints = server.route(head) { return nil }
            self.next = nil
            hasAnnouncedEnd = head.wantsClose
            return route(head) ? head : nil
        }
    }

    /// Sees to it that a conversation with the request's tunnel is open; else answers the request, or hands it over.
    private func route(_ head: HTTPRequestHead) -> Bool {
        switch server.route(head) {
        case .endpoints:
            handOver(head)
            return false
        case .refusal(let answer):
            answerOurselves(answer)
            return false
        case .tunnel(let found):
            currentHost = head.host.map(Array.init) ?? []
            if found === tunnel, machine.isOpen { return true }
            return open(found, for: head)
        }
    }

    private func open(_ found: ServerTunnel, for head: HTTPRequestHead) -> Bool {
        leaveConversation()
        guard let opened = found.open(for: self, from: remote) else {
            answerOurselves(ServerAnswer(status: 503, detail: "too many open conversations", to: head))
            return false
        }
        tunnel = found
        flow = opened
        backlogs.change(to: [server.backlog, found.backlog], of: self)
        machine.opened()
        headTimer?.cancel()
        return true
    }

    private func leaveConversation() {
        perform(machine.left())
    }

    /// Answers in the target's place, and closes. Only closes where the answer has been given.
    private func answerOurselves(_ answer: ServerAnswer?) {
        leaveConversation()
        if let answer { writer.add(answer.bytes) }
        perform(machine.answeredByServer())
    }

    /// Lets NIO's HTTP server have this connection, from this request on.
    private func handOver(_ head: HTTPRequestHead) {
        guard let context else { return }
        leaveConversation()
        headTimer?.cancel()
        writer.writeAll(context)
        var bytes = head.raw
        var rest = reader.takeHeldBytes()
        bytes.writeBuffer(&rest)
        server.serveEndpoints(on: context, replacing: self, bytes)
    }

    // MARK: From the tunnel

    func targetSent(_ bytes: ByteBuffer) {
        guard machine.isOpen else { return }
        if machine.hasInputEnded { lastByte = .now() }
        reader.targetSent(bytes)
        var hasAnswered = false
        while unaskedBytes == 0, let event = reader.nextFromTarget() {
            switch event {
            case .end, .head, .opaque: hasAnswered = true
            case .body: break
            }
        }
        let unasked = min(unaskedBytes, bytes.readableBytes)
        writer.add(
            unasked == 0
                ? bytes : bytes.getSlice(at: bytes.readerIndex, length: bytes.readableBytes - unasked) ?? ByteBuffer()
        )
        if !needsFlush {
            needsFlush = true
            tunnel?.flushLater(self)
        }
        guard unasked == 0 else {
            // The visitor, or a proxy that keeps its connection for others, would take it for the next answer.
            tunnel?.logger.debug("the client sent an answer that nobody asked for: closing the visitor's connection")
            perform(machine.targetClosed(.complete))
            return
        }
        guard hasAnswered else { return }
        pullRequests()
        if next == nil { perform(machine.answered(reading)) }
        linkTakesMore()
    }

    private var unaskedBytes: Int { answersDue == 0 ? reader.bytesBetweenAnswers() : 0 }

    func flushVisitor() {
        needsFlush = false
        guard let context, !machine.isLeaving else { return }
        if writer.flush(context, portion: backlogs.portion) {
            writer.whenCaughtUp(context) {
                self.writer.caughtUp()
                self.flushVisitor()
            }
        }
        noteWaiting()
        if next != nil, writer.waitingBytes == 0 { pullRequests() }
    }

    func targetClosed() {
        let ending: VisitorMachine.Ending =
            switch reader.targetEnded() {
            case .complete: .complete
            case .unanswered: .unanswered
            case .cut: .cut
            }
        perform(machine.targetClosed(ending))
    }

    func targetNotConnected() {
        perform(machine.targetNotConnected(reading))
    }

    func tunnelLost() {
        perform(machine.tunnelLost(reading))
    }

    func setPausedByTarget(_ isPaused: Bool) {
        guard let flow, machine.isPausedByTarget != isPaused else { return }
        tunnel?.link?.setPaused(isPaused, flow)
        if isPaused {
            machine.pausedByTarget()
        } else {
            perform(machine.resumedByTarget())
        }
    }

    func linkTakesMore() {
        guard isReadWanted, let context, takesFromVisitor() else { return }
        context.read()
    }

    private func takesFromVisitor() -> Bool {
        if machine.readsVisitor, canForward {
            isReadWanted = false
            return true
        }
        isReadWanted = true
        return false
    }

    private var canForward: Bool {
        if machine.isLeaving { return true }
        // A request that waits for other answers, and what follows it, stay with the visitor.
        if next != nil || reader.bytesHeld > HTTPConversationReader.Limits().headBytes { return false }
        guard machine.isOpen, let flow, let link = tunnel?.link else { return true }
        return link.mayRead(flow)
    }

    private func noteWaiting() {
        let pauseAt = backlogs.pauseBytes(usually: VisitorMachine.pauseBytes)
        backlogs.note(writer.waitingBytes, of: self)
        perform(machine.waitingChanged(bytes: writer.queuedBytes, pauseAt: pauseAt))
    }

    func backlogExceeded() {
        server.logger.debug("a visitor's connection was closed: too much waits that visitors do not take")
        perform(machine.givenUp())
    }

    // MARK: Effects

    private func perform(_ effects: VisitorMachine.Effects) {
        guard !effects.isEmpty else { return }
        if let flow, let tunnel {
            if effects.contains(.sendPause) { tunnel.link?.sendFlowControl(.pause(flow.id), flow) }
            if effects.contains(.sendResume) { tunnel.link?.sendFlowControl(.resume(flow.id), flow) }
            if effects.contains(.sendClosed) { tunnel.link?.sendClosed(flow, discarding: false) }
            if effects.contains(.sendClosedDiscarding) { tunnel.link?.sendClosed(flow, discarding: true) }
            if !machine.isOpen {
                tunnel.forget(flow)
                self.flow = nil
                self.tunnel = nil
            }
        }
        if effects.contains(.answerNotConnected) {
            writer.add(ServerAnswer(status: 503, detail: "the tunnel could not connect to its target").bytes)
        }
        if effects.contains(.answerTunnelLost) {
            writer.add(ServerAnswer(status: 503, detail: "the tunnel was closed").bytes)
        }
        if effects.contains(.watchSilence) { watchSilence() }
        if machine.isLeaving { headTimer?.cancel() }
        let isFarewell = effects.contains(.finishVisitor) || effects.contains(.resetVisitor)
        if isFarewell { backlogs.note(writer.waitingBytes, of: self) }
        guard let context else { return }
        if isFarewell { writer.writeAll(context) }
        if effects.contains(.closeVisitor) { context.close(promise: nil) }
        if effects.contains(.finishVisitor) { VisitorFarewell(context, visitorIsDone: isVisitorDone).finish() }
        if effects.contains(.resetVisitor) { VisitorFarewell(context, visitorIsDone: isVisitorDone).reset() }
        if effects.contains(.readVisitor) || machine.isLeaving { linkTakesMore() }
    }

    /// Nothing more can come from the visitor.
    private var isVisitorDone: Bool {
        machine.hasInputEnded
            || (hasAnnouncedEnd && !reader.isOpaque && !reader.requestIncomplete && reader.bytesHeld == 0)
    }

    private func watchSilence() {
        lastByte = .now()
        checkSilence()
    }

    private func checkSilence() {
        guard machine.isOpen, machine.hasInputEnded, let context else { return }
        let end = lastByte + .seconds(Int64(VisitorMachine.silenceSeconds))
        if .now() >= end {
            perform(machine.silent())
        } else {
            context.eventLoop.assumeIsolated().scheduleTask(deadline: end) { self.checkSilence() }
        }
    }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        remote = RemoteAddress(context.channel.remoteAddress)
        headTimer = context.eventLoop.assumeIsolated().scheduleTask(in: Self.headTimeout) {
            guard !self.machine.isOpen, !self.machine.isLeaving else { return }
            self.answerOurselves(ServerAnswer(status: 408, detail: "no whole request came"))
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        headTimer?.cancel()
        backlogs.note(0, of: self)
        self.context = nil
    }

    func read(context: ChannelHandlerContext) {
        if takesFromVisitor() { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        visitorSent(unwrapInboundIn(data))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent {
            if machine.isLeaving { context.close(promise: nil) } else { perform(machine.visitorEnded(reading)) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        perform(machine.visitorGone())
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        perform(machine.visitorGone())
        writer.dropAll()
        backlogs.note(0, of: self)
        context.fireChannelInactive()
    }
}
