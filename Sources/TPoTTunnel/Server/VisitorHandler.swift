import Logging
import NIOCore
import TPoTWire

/// A visitor's connection: carries out what its ``VisitorRequests`` and its ``VisitorMachine`` decide. Lives on the server's
/// event loop.
final class VisitorHandler: ChannelDuplexHandler, RemovableChannelHandler, LinkFeeder, BacklogOwner {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// A head has to be whole within this time of the connection, or of its first byte where no tunnel is open.
    private static let headTimeout = TimeAmount.seconds(60)
    /// A request of which no byte comes for this long is given up, unless the visitor is made to wait.
    static let requestIdleLimit = TimeAmount.minutes(5)
    /// Read of what a visitor goes on sending after its last answer. Then it is left in the kernel, because closing with
    /// unread bytes destroys the answer; the connection is closed after ``VisitorFarewell``'s grace.
    private static let discardedBytes = 1024 * 1024

    private let server: ServerCore
    private var context: ChannelHandlerContext?
    private var remote = RemoteAddress(ip: 0, port: 0)

    private var requests: VisitorRequests
    private var machine = VisitorMachine()
    private var tunnel: ServerTunnel?
    private var flow: LinkFlow?
    /// What an answer that cannot be read has wrong.
    private var responseFault: HTTPResponseFault?
    /// Bytes of data that the open conversation has brought, and at most brings once its client has closed its half.
    private var dataBytes: UInt64 = 0
    private var dataTotal: UInt64?
    /// All bytes that were given to ``writer``.
    private var written: UInt64 = 0
    /// Of a conversation that is over, whose `X` waits for what the visitor takes.
    private var report: DeliveryReport?
    private var isSettlingScheduled = false

    private let writer = LocalWriter()
    /// Where what waits for this visitor counts: in the tunnel's, also after the conversation, and the server's.
    private let backlogs: BacklogMembership
    /// Where its requests count that are not complete.
    private let unfinished: BacklogMembership

    private var isReadWanted = false
    private var needsFlush = false
    private var discarded = 0
    private var headTimer: Scheduled<Void>?
    private var requestTimer: Scheduled<Void>?
    /// The tunnel that the visitor's request waits for, and until when.
    private var awaited: (name: Subdomain, timer: Scheduled<Void>)?
    private var lastByte = NIODeadline.now()
    /// Of a request that is not complete; or when the visitor was last let go on.
    private var lastRequestByte = NIODeadline.now()

    init(server: ServerCore) {
        self.server = server
        requests = VisitorRequests(domains: server.domains)
        backlogs = BacklogMembership([server.backlog])
        unfinished = BacklogMembership([server.unfinishedRequests])
    }

    /// An answer is due or under way: what a stop of the server waits for.
    var isAnswerDue: Bool {
        let reading = requests.reading
        return machine.isOpen && reading.answersDue > 0 && !reading.isOpaque
    }

    // MARK: From the visitor

    private func visitorSent(_ bytes: ByteBuffer) {
        guard !machine.isLeaving else {
            discarded += bytes.readableBytes
            return
        }
        if machine.hasInputEnded { lastByte = .now() }
        requests.visitorSent(bytes)
        takeSteps()
        noteRequest()
        guard let bytes = requests.bytesAwaitingTunnel, bytes > WaitingLimits.bytes, !machine.isLeaving else { return }
        answerOurselves(ownAnswer(503, "the tunnel has lost its client", retryAfter: WaitingLimits.retryAfter))
    }

    private func noteRequest() {
        unfinished.note(requests.requestMemoryHeld, of: self)
        if requests.isVisitorToSend { watchRequest() }
    }

    /// Carries out what the requests that have come ask for, as far as they may go now.
    private func takeSteps() {
        while !machine.isLeaving, context != nil,
            let step = requests.next(
                conditions,
                isAwaited: { server.isAwaited($0) }
            )
        {
            switch step {
            case .send(let bytes):
                if let flow, machine.isOpen { tunnel?.link?.send(bytes, flow) }
            case .open(let name, let head):
                open(name, for: head)
            case .wait(let name, let head):
                awaitTunnel(name, for: head)
            case .serve(let head):
                handOver(head)
            case .refuse(let answer):
                answerOurselves(answer)
            case .reset:
                tunnel?.noteRefusedAnswer("a request for another host came while its answer was due")
                perform(machine.crossed(), "a request for another host came while an answer was due")
            }
        }
        if machine.isEndDeferred, machine.isOpen {
            perform(machine.visitorEnded(requests.reading), "the visitor closed its side")
        }
    }

    private var conditions: VisitorRequests.Conditions {
        VisitorRequests.Conditions(
            hasVisitorCaughtUp: writer.waitingBytes == 0,
            isServerStopping: server.isStopping
        )
    }

    private func open(_ name: Subdomain, for head: HTTPRequestHead) {
        leaveConversation("the visitor's next request is for another tunnel")
        guard let found = server.tunnel(named: name) else {
            answerOurselves(ServerAnswer(status: 503, detail: "tunnel not found", to: head))
            return
        }
        guard let opened = found.open(for: self, from: remote) else {
            answerOurselves(ServerAnswer(status: 503, detail: "too many open conversations", to: head))
            return
        }
        tunnel = found
        flow = opened
        (dataBytes, dataTotal) = (0, nil)
        backlogs.change(to: [server.backlog, found.backlog], of: self)
        machine.opened(knowsHalf: found.link?.extensions.contains(.half) == true)
        headTimer?.cancel()
        found.logger.debug(
            "conversation opened",
            metadata: ["conversation": "\(opened.id)", "visitor": "\(visitor(of: head))"]
        )
    }

    // MARK: A tunnel that lost its link

    private func awaitTunnel(_ name: Subdomain, for head: HTTPRequestHead) {
        leaveConversation("the visitor's next request is for another tunnel")
        guard let context, server.awaitTunnel(name, self) else {
            var answer = ServerAnswer(status: 503, detail: "the tunnel has lost its client", to: head)
            answer.retryAfter = WaitingLimits.retryAfter
            answerOurselves(answer)
            return
        }
        headTimer?.cancel()
        let timer = context.eventLoop.assumeIsolated().scheduleTask(in: WaitingLimits.time) {
            self.stopAwaiting()
            self.answerOurselves(self.ownAnswer(503, "the tunnel has lost its client, which did not come back"))
        }
        awaited = (name, timer)
        server.logger.debug(
            "a request waits for its tunnel",
            metadata: ["tunnel": "\(name)", "visitor": "\(visitor(of: head))"]
        )
    }

    private func stopAwaiting() {
        guard let (name, timer) = awaited.take() else { return }
        timer.cancel()
        server.stopAwaiting(name, self)
    }

    /// The tunnel is back, or will not come; or the server stops.
    func goOn() {
        guard context != nil, !machine.isLeaving else { return }
        takeSteps()
        if requests.bytesAwaitingTunnel == nil { stopAwaiting() }
        noteRequest()
        linkTakesMore()
    }

    /// For the log.
    private func visitor(of head: HTTPRequestHead?) -> ClientAddress {
        let forwarded = head?.fields.all(named: "x-forwarded-for").map { HTTPHeaderFields.text($0) }
        return server.trustedProxies.client(peer: context?.channel.remoteAddress, forwardedFor: forwarded ?? [])
    }

    private func leaveConversation(_ cause: StaticString) {
        perform(machine.left(), cause)
    }

    /// Answers in the target's place, and closes. Only closes where the answer has been given.
    private func answerOurselves(_ answer: ServerAnswer?) {
        leaveConversation("the server answers in the target's place")
        if let answer {
            write(answer.bytes)
            server.logger.debug(
                "answered \(answer.status): \(answer.detail)",
                metadata: ["visitor": "\(visitor(of: answer.request))"]
            )
        }
        perform(machine.answeredByServer(), "the server answers")
    }

    /// Lets NIO's HTTP server have this connection, from this request on.
    private func handOver(_ head: HTTPRequestHead) {
        guard let context else { return }
        leaveConversation("the visitor's next request is for the server itself")
        headTimer?.cancel()
        writer.writeAll(context)
        var bytes = head.raw
        var rest = requests.takeHeldBytes()
        bytes.writeBuffer(&rest)
        server.serveEndpoints(on: context, replacing: self, bytes)
    }

    // MARK: A request that does not go on

    private func watchRequest() {
        guard let context else { return }
        lastRequestByte = context.eventLoop.now
        if requestTimer == nil { scheduleRequestCheck(context) }
    }

    private func scheduleRequestCheck(_ context: ChannelHandlerContext) {
        let deadline = lastRequestByte + Self.requestIdleLimit
        requestTimer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.checkRequest() }
    }

    private func checkRequest() {
        requestTimer = nil
        guard let context, !machine.isLeaving, requests.reading.isRequestIncomplete else { return }
        let now = context.eventLoop.now
        // While the visitor is made to wait its clock stands still.
        if isReadWanted || !requests.isVisitorToSend { lastRequestByte = now }
        guard now >= lastRequestByte + Self.requestIdleLimit else {
            scheduleRequestCheck(context)
            return
        }
        let reading = requests.reading
        guard reading.answersDue <= 1, !reading.isAnswerBegun else {
            perform(machine.givenUp(), "nothing more of a request came")
            return
        }
        answerOurselves(ownAnswer(408, "nothing more of the request came"))
    }

    // MARK: From the tunnel

    func targetSent(_ bytes: ByteBuffer) throws {
        guard machine.isOpen else { return }
        dataBytes += UInt64(bytes.readableBytes)
        if let dataTotal, dataBytes > dataTotal { throw ServerProtocolError.dataAfterHalfClose }
        if machine.hasInputEnded { lastByte = .now() }
        let progress = requests.targetSent(bytes) { write($0) }
        if !needsFlush {
            needsFlush = true
            tunnel?.flushLater(self)
        }
        switch progress {
        case .none:
            break
        case .answered:
            takeSteps()
            if !requests.isRequestWaiting { perform(machine.answered(requests.reading), "all is answered") }
            linkTakesMore()
        case .ended:
            perform(machine.targetClosed(.complete), "the target's answer is odd, or nobody asked for it")
        case .unreadable(let fault):
            responseFault = fault
            tunnel?.noteRefusedAnswer(fault.reason)
            perform(machine.answerUnreadable(inBody: fault.isInBody, requests.reading), "the answer is unreadable")
        }
    }

    /// The target has closed its sending half, which only means something after an upgrade.
    func targetHalfClosed(total: UInt64) throws {
        guard machine.isOpen else { return }
        guard requests.reading.isOpaque, dataTotal == nil, dataBytes <= total else {
            throw ServerProtocolError.halfCloseOutOfPlace
        }
        dataTotal = total
        closeOutputAfterTotal()
    }

    private func closeOutputAfterTotal() {
        guard let dataTotal, dataBytes == dataTotal, let context else { return }
        writer.writeAll(context)
        context.flush()
        context.close(mode: .output, promise: nil)
    }

    private func write(_ bytes: ByteBuffer) {
        written += UInt64(bytes.readableBytes)
        writer.add(bytes)
    }

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
        if requests.isRequestWaiting, writer.waitingBytes == 0 { takeSteps() }
        closeOutputAfterTotal()
    }

    /// - Parameter cause: as the client says it; nil where it cannot.
    func targetClosed(_ cause: ConversationCause? = nil) {
        let ending = requests.targetEnded()
        perform(machine.targetClosed(cause == .incomplete ? .cut : ending), "the client closed it")
    }

    func targetNotConnected() {
        perform(machine.targetNotConnected(requests.reading), "the target could not be connected")
    }

    func tunnelLost() {
        perform(machine.tunnelLost(requests.reading), "the tunnel was lost")
    }

    func setPausedByTarget(_ isPaused: Bool) {
        guard let flow, machine.isPausedByTarget != isPaused else { return }
        tunnel?.link?.setPaused(isPaused, flow)
        if isPaused {
            machine.pausedByTarget()
        } else {
            perform(machine.resumedByTarget(), "")
        }
    }

    func linkTakesMore() {
        guard isReadWanted, let context, takesFromVisitor() else { return }
        lastRequestByte = context.eventLoop.now
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
        if machine.isLeaving { return discarded < Self.discardedBytes }
        // A request that waits for other answers, and what follows it, stay with the visitor.
        if requests.isVisitorToWait { return false }
        guard machine.isOpen, let flow, let link = tunnel?.link else { return true }
        return link.mayRead(flow)
    }

    private func noteWaiting() {
        let pauseAt = backlogs.pauseBytes(usually: VisitorMachine.pauseBytes)
        backlogs.note(writer.memory + requests.answerMemoryHeld, of: self)
        perform(
            machine.waitingChanged(bytes: writer.queuedBytes, pauseAt: pauseAt),
            "the client went on sending after it was asked to wait"
        )
    }

    func exceeded(_ backlog: Backlog) {
        server.gaveUp(backlog)
        perform(machine.givenUp(), "a limit of memory was reached")
    }

    // MARK: Effects

    /// - Parameter cause: why, if the conversation is over with this; for the log.
    private func perform(_ effects: VisitorMachine.Effects, _ cause: StaticString) {
        guard !effects.isEmpty else { return }
        if let flow, let tunnel {
            if effects.contains(.sendPause) { tunnel.link?.sendFlowControl(.pause(flow.id), flow) }
            if effects.contains(.sendResume) { tunnel.link?.sendFlowControl(.resume(flow.id), flow) }
            if effects.contains(.sendHalfClosed) { tunnel.link?.sendHalfClosed(flow) }
            if effects.contains(.sendClosed) { sendClosed(flow, on: tunnel.link, discarding: false) }
            if effects.contains(.sendClosedDiscarding) { sendClosed(flow, on: tunnel.link, discarding: true) }
            if !machine.isOpen {
                tunnel.logger.debug(
                    "conversation closed: \(cause)",
                    metadata: ["conversation": "\(flow.id)"]
                )
                tunnel.forget(flow)
                self.flow = nil
                self.tunnel = nil
            }
        }
        if effects.contains(.answerNotConnected) {
            write(ownAnswer(503, "the tunnel could not connect to its target").bytes)
        }
        if effects.contains(.answerTunnelLost) {
            write(ownAnswer(503, "the tunnel was closed").bytes)
        }
        if effects.contains(.answerUnreadable) {
            let reason = responseFault.map { ": \($0.reason)" } ?? ""
            write(ownAnswer(502, "the target's answer is unreadable\(reason)").bytes)
        }
        if effects.contains(.watchSilence) { watchSilence() }
        if machine.isLeaving {
            headTimer?.cancel()
            requestTimer?.cancel()
            stopAwaiting()
        }
        let isFarewell = effects.contains(.finishVisitor) || effects.contains(.resetVisitor)
        if isFarewell { backlogs.note(writer.memory, of: self) }
        guard let context else { return }
        if isFarewell { writer.writeAll(context) }
        if effects.contains(.abortVisitor) {
            writer.dropAll()
            backlogs.note(0, of: self)
            VisitorFarewell.abort(context.channel)
        }
        if effects.contains(.closeVisitor) { context.close(promise: nil) }
        if effects.contains(.finishVisitor) { farewell(context).finish() }
        if effects.contains(.resetVisitor) { farewell(context).reset() }
        if effects.contains(.readVisitor) || machine.isLeaving { linkTakesMore() }
        if report != nil, !isSettlingScheduled, !settle() { scheduleSettling() }
    }

    /// An answer of the server's own to the oldest request that has none.
    private func ownAnswer(_ status: Int, _ detail: String, retryAfter: Int? = nil) -> ServerAnswer {
        var answer = ServerAnswer(status: status, detail: detail, hasBody: !requests.isHeadDue)
        answer.retryAfter = retryAfter
        return answer
    }

    private func farewell(_ context: ChannelHandlerContext) -> VisitorFarewell {
        let visitor: VisitorFarewell.Visitor =
            machine.hasInputEnded ? .hasEnded : requests.isVisitorDone ? .isDone : .mayGoOn
        return VisitorFarewell(context, visitor, isDelivered: { self.settle($0 ? .whenClosed : .whileOpen) })
    }

    // MARK: What the visitor took

    private enum Settling {
        case whileOpen
        /// The connection goes on with another conversation.
        case atOnce
        /// The visitor's connection has gone, and we have not closed it.
        case whenReset
        /// We close it.
        case whenClosed
    }

    private func sendClosed(_ flow: LinkFlow, on link: TunnelLink?, discarding: Bool) {
        guard let link else { return }
        guard link.extensions.contains(.cause) else {
            link.sendClosed(flow, discarding: discarding)
            return
        }
        if discarding { link.discard(flow) }
        report = DeliveryReport(flow, link, sent: dataBytes, end: written, now: context?.eventLoop.now ?? .now())
        // Only a visitor that stays on the connection is given up for another conversation. What one that leaves has taken
        // is known at the earliest when its answer is flushed.
        if !machine.isLeaving || machine.cause != .complete { settle(machine.isLeaving ? .whileOpen : .atOnce) }
    }

    /// Sends the last conversation's `X` as soon as it is known what the visitor took.
    ///
    /// - Returns: whether nothing has to be waited for any more.
    @discardableResult
    private func settle(_ moment: Settling = .whileOpen) -> Bool {
        guard var report else { return true }
        report.note(written: written, unacknowledged: unacknowledgedBytes)
        self.report = report
        let cause: ConversationCause
        if machine.cause != .complete {
            cause = machine.cause
        } else if report.hasAll || moment == .atOnce {
            cause = .complete
        } else if moment == .whenReset {
            cause = .incomplete
        } else if moment == .whileOpen, let context, context.eventLoop.now < report.deadline {
            return false
        } else {
            cause = .givenUp
        }
        self.report = nil
        report.flow.end = (cause, report.taken)
        report.link?.sendClosed(report.flow, discarding: false)
        return true
    }

    private func scheduleSettling() {
        guard let context, let wait = report?.nextWait() else { return }
        isSettlingScheduled = true
        context.eventLoop.assumeIsolated().scheduleTask(in: wait) {
            self.isSettlingScheduled = false
            if !self.settle() { self.scheduleSettling() }
        }
    }

    /// Nil once the connection is closed.
    private var unacknowledgedBytes: Int? {
        guard let channel = context?.channel, channel.isActive, let inKernel = channel.unacknowledgedBytes else {
            return nil
        }
        let inChannel = (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        return writer.queuedBytes + inChannel + inKernel
    }

    private func watchSilence() {
        lastByte = .now()
        checkSilence()
    }

    private func checkSilence() {
        guard machine.isOpen, machine.hasInputEnded, let context else { return }
        let end = lastByte + .seconds(Int64(machine.silenceSeconds))
        if .now() >= end {
            perform(machine.silent(), "nothing passed after the visitor had closed its side")
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
            self.answerOurselves(self.ownAnswer(408, "no whole request came"))
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        headTimer?.cancel()
        requestTimer?.cancel()
        stopAwaiting()
        settle(.whenClosed)
        backlogs.note(0, of: self)
        unfinished.note(0, of: self)
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
            if machine.isLeaving {
                settle()
                context.close(promise: nil)
            } else {
                perform(machine.visitorEnded(requests.reading), "the visitor closed its side")
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        perform(machine.visitorGone(), "the visitor reset its connection")
        settle(.whenReset)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        perform(machine.visitorGone(), "the visitor has gone")
        settle(.whenReset)
        writer.dropAll()
        backlogs.note(0, of: self)
        context.fireChannelInactive()
    }
}
