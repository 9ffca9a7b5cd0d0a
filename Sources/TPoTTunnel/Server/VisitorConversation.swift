import Logging
import NIOCore
import TPoTWire

/// A visitor's conversation on a tunnel: it carries out what its ``VisitorRequests`` and its ``VisitorMachine`` decide.
///
///     visitor ═══ VisitorHandler ═══ this ═══ ServerTunnel ═══ client ═══ target
///
/// Lives on the server's event loop for as long as the visitor's connection: a request for another tunnel ends the
/// conversation and opens the next one.
final class VisitorConversation: LinkFeeder, BudgetOwner {
    /// The most bytes that are read and discarded after the visitor's last answer. Further bytes stay in the kernel,
    /// because closing with unread bytes destroys the answer. The connection is closed after ``LingeringClose``'s grace
    /// period.
    private static let discardedBytes = 1024 * 1024

    let server: ServerCore
    /// Nil once this conversation no longer owns the connection.
    var handler: VisitorHandler?
    var remote = RemoteAddress(ip: 0, port: 0)

    var requests: VisitorRequests
    var machine = VisitorMachine()
    var tunnel: ServerTunnel?
    var flow: LinkFlow?
    /// The fault of an answer that cannot be read.
    var responseFault: HTTPResponseFault?
    /// Bytes of data received for the open conversation.
    var dataBytes: UInt64 = 0
    /// The total of those bytes, once the client has closed its half.
    var dataTotal: UInt64?
    /// The report for an ended conversation: its `X` waits until it is known what the visitor took.
    var report: DeliveryReport?

    /// The budgets for the bytes that wait for this visitor: the server's and the tunnel's, also after the conversation
    /// has ended.
    let budgetShare: BudgetShare
    /// The budget for its incomplete requests.
    private let unfinished: BudgetShare

    private var needsFlush = false
    private var discarded = 0
    /// The name of the tunnel that the visitor's request waits for, and the timer that ends the wait.
    var awaited: (name: Subdomain, timer: Scheduled<Void>)?
    var lastByte = NIODeadline.uptimeNanoseconds(0)
    var silenceTimer: Scheduled<Void>?

    init(server: ServerCore) {
        self.server = server
        requests = VisitorRequests(domains: server.domains)
        budgetShare = BudgetShare([server.budget])
        unfinished = BudgetShare([server.unfinishedRequests])
    }

    /// Whether an answer is due or under way. A server that stops waits for these.
    var isAnswerDue: Bool {
        let reading = requests.reading
        return machine.isOpen && reading.answersDue > 0 && !reading.isOpaque
    }

    /// Whether the rest of a request is yet to come.
    var isRequestIncomplete: Bool { !machine.isLeaving && requests.reading.isRequestIncomplete }

    /// Whether an incomplete request waits only for more bytes from the visitor.
    var isVisitorToSend: Bool { requests.isVisitorToSend }

    // MARK: From the visitor

    func visitorConnected(_ handler: VisitorHandler) {
        self.handler = handler
        remote = RemoteAddress(handler.remoteAddress)
    }

    func visitorSent(_ bytes: ByteBuffer) {
        guard !machine.isLeaving else {
            discarded += bytes.readableBytes
            return
        }
        if machine.hasInputEnded { lastByte = server.eventLoop.now }
        requests.visitorSent(bytes)
        takeSteps()
        noteRequest()
        guard let bytes = requests.bytesAwaitingTunnel, bytes > WaitingLimits.bytes, !machine.isLeaving else { return }
        answerOurselves(ownAnswer(503, "the tunnel has lost its client", retryAfter: WaitingLimits.retryAfter))
    }

    func noteRequest() {
        unfinished.note(requests.requestMemoryHeld, of: self)
        if requests.isVisitorToSend { handler?.watchRequest() }
    }

    /// The visitor has closed its sending half.
    func visitorHalfClosed() {
        guard !machine.isLeaving else {
            settle(.isOpen)
            handler?.close()
            return
        }
        perform(machine.visitorEnded(requests.reading), "the visitor closed its side")
    }

    func visitorCaughtUp() { flushVisitor() }

    func visitorReset() {
        perform(machine.visitorGone(), "the visitor reset its connection")
        settle(.hasGone)
    }

    func visitorGone() {
        perform(machine.visitorGone(), "the visitor has gone")
        settle(.hasGone)
        budgetShare.note(0, of: self)
    }

    /// The connection is closed, or another handler has taken it over.
    func visitorRemoved() {
        stopAwaiting()
        stopWatchingSilence()
        settle(.closes)
        budgetShare.note(0, of: self)
        unfinished.note(0, of: self)
        handler = nil
    }

    func headTimedOut() {
        guard !machine.isOpen, !machine.isLeaving else { return }
        answerOurselves(ownAnswer(408, "no whole request came"))
    }

    /// No byte of an incomplete request came within the time limit.
    func requestStalled() {
        let reading = requests.reading
        if reading.answersDue <= 1, !reading.isAnswerBegun {
            answerOurselves(ownAnswer(408, "nothing more of the request came"))
        } else {
            perform(machine.givenUp(), "nothing more of a request came")
        }
    }

    /// Asks to read the visitor's socket. If it returns false, ``VisitorHandler/resumeReading()`` is called later.
    func claimRead() -> Bool {
        guard machine.readsVisitor else { return false }
        if machine.isLeaving { return discarded < Self.discardedBytes }
        // A request that waits for earlier answers stays with the visitor, together with what follows it.
        if requests.isVisitorToWait { return false }
        guard machine.isOpen, let flow, let sender = tunnel?.sender else { return true }
        return sender.claimRead(flow)
    }

    func linkTakesMore() { handler?.resumeReading() }

    // MARK: From the tunnel

    func targetSent(_ bytes: ByteBuffer) throws {
        guard machine.isOpen, let handler else { return }
        dataBytes += UInt64(bytes.readableBytes)
        if let dataTotal, dataBytes > dataTotal { throw ServerProtocolError.dataAfterHalfClose }
        if machine.hasInputEnded { lastByte = server.eventLoop.now }
        let progress = requests.targetSent(bytes) { handler.write($0) }
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

    /// The target has closed its sending half. This has a meaning only after an upgrade.
    func targetHalfClosed(total: UInt64) throws {
        guard machine.isOpen else { return }
        guard requests.reading.isOpaque, dataTotal == nil, dataBytes <= total else {
            throw ServerProtocolError.halfCloseOutOfPlace
        }
        dataTotal = total
        closeOutputAfterTotal()
    }

    private func closeOutputAfterTotal() {
        guard let dataTotal, dataBytes == dataTotal else { return }
        handler?.halfClose()
    }

    /// - Parameter cause: the cause that the client reported; nil if it does not report causes.
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
        tunnel?.sender?.setPaused(isPaused, flow)
        if isPaused {
            machine.pausedByTarget()
        } else {
            perform(machine.resumedByTarget(), "")
        }
    }

    // MARK: Bytes waiting for the visitor

    func flushVisitor() {
        needsFlush = false
        guard let handler, !machine.isLeaving else { return }
        handler.flush(portion: budgetShare.portion)
        noteWaiting(handler.writer)
        if requests.isRequestWaiting, handler.writer.waitingBytes == 0 { takeSteps() }
        closeOutputAfterTotal()
    }

    private func noteWaiting(_ writer: LocalWriter) {
        let pauseAt = budgetShare.pauseBytes(usually: VisitorMachine.pauseBytes)
        budgetShare.note(writer.memory + requests.answerMemoryHeld, of: self)
        perform(
            machine.waitingChanged(bytes: writer.queuedBytes, pauseAt: pauseAt),
            "the client went on sending after it was asked to wait"
        )
    }

    func exceeded(_ budget: MemoryBudget) {
        server.gaveUp(budget)
        perform(machine.givenUp(), "a limit of memory was reached")
    }
}
