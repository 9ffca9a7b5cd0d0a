import NIOCore
import TPoTNetwork
import TPoTTraffic
import TPoTWire

/// One conversation on the client's side: carries out what its ``TargetConversationMachine`` decides.
///
/// Lives on the tunnel's event loop. Bytes from the visitor pass through the HTTP reader, which finds the heads to
/// edit. Bytes from the target go to the link first; after that the reader finds their boundaries.
final class TargetConversation: TargetOwner, LinkFeeder, BudgetOwner {
    let number: ConversationNumber
    let remote: RemoteAddress
    let flow: LinkFlow

    // Strong: a target may outlive the client for a moment. The tunnel releases a conversation that is over.
    let tunnel: ClientTunnel
    var machine = TargetConversationMachine()
    var reader = HTTPConversationReader()
    var watcher: ConversationWatcher

    var handler: TargetHandler?
    /// Bytes that wait for the target, because it is not connected or the tunnel is held.
    var waiting = PieceQueue()
    let budgetShare: BudgetShare
    var held = HeldRequests()
    /// What a hold by filter makes wait; nil if nothing waits, which is almost always.
    var gate: RequestGate?
    /// The target has said that it closes after its latest answer. Only noted while there is a gate.
    var targetWillClose = false
    var hasTargetSent = false
    private var needsFlush = false
    var finishTimer: Scheduled<Void>?
    /// Whether the conversation has ended on our side and the server has yet to say what the visitor took.
    var isVerdictDue = false

    /// Bytes that came from the visitor, and their total, which is known once it has closed its half.
    private(set) var receivedBytes: UInt64 = 0
    private(set) var receivedTotal: UInt64?
    let opened: NIODeadline
    /// When the visitor closed its half, and when the latest byte of an answer came after that.
    var halfClosed: (time: NIODeadline, lastByte: NIODeadline)?
    var halfCloseTimer: Scheduled<Void>?
    /// The target's connection is half-closed after this long without a byte of its answer (protocol section 6).
    static let halfCloseDelay = TimeAmount.milliseconds(500)

    init(number: ConversationNumber, id: ConversationID, remote: RemoteAddress, tunnel: ClientTunnel) {
        self.number = number
        self.remote = remote
        self.tunnel = tunnel
        opened = tunnel.eventLoop.now
        budgetShare = BudgetShare([tunnel.budget])
        flow = LinkFlow(id: id)
        watcher = ConversationWatcher(number: number, bus: tunnel.bus)
        flow.feeder = self
        watcher.publish(.opened(.visitor(id: id, remote)))
    }

    /// Whether an answer is due or under way; a stop waits for it. After an upgrade this cannot be known, and such
    /// conversations stay open for hours, so a stop does not wait for them.
    var isBusy: Bool { machine.isOpen && !reader.isOpaque && reader.answersDue > 0 }

    func open(held: Bool) {
        if held { watcher.publish(.held) }
        perform(machine.opened(held: held, defersConnecting: tunnel.holdFilter != nil))
    }

    // MARK: From the tunnel

    func visitorSent(_ bytes: ByteBuffer) throws {
        receivedBytes += UInt64(bytes.readableBytes)
        if let receivedTotal, receivedBytes > receivedTotal { throw ClientProtocolError.dataAfterHalfClose }
        guard machine.visitorSent() != .ignore else { return }
        reader.visitorSent(bytes)
        pullRequests()
        // A flush at the end of the turn updates the memory count instead. By then usually nothing waits.
        if !needsFlush { noteWaiting() }
    }

    /// - Parameter cause: the cause that the server gives; nil if it cannot give one.
    func visitorClosed(_ cause: ConversationCause? = nil) {
        guard machine.isOpen else { return }
        end(ConversationEnd(visitor: cause), machine.visitorClosed(), isServerFirst: true)
    }

    /// The visitor has closed its sending half. It may be waiting for its answer, or have left.
    func visitorHalfClosed(total: UInt64) throws {
        guard receivedTotal == nil, receivedBytes <= total else { throw ClientProtocolError.halfCloseOutOfPlace }
        receivedTotal = total
        guard machine.isOpen else { return }
        let now = tunnel.eventLoop.now
        halfClosed = (now, now)
        watcher.publish(.visitorHalfClosed)
        scheduleHalfClose(at: now + Self.halfCloseDelay)
    }

    func setPausedByVisitor(_ isPaused: Bool) {
        guard machine.isPausedByVisitor != isPaused else { return }
        watcher.publish(.visitorPaused(isPaused))
        tunnel.sender?.setPaused(isPaused, flow)
        if isPaused {
            machine.pausedByVisitor()
        } else {
            perform(machine.resumedByVisitor())
        }
    }

    func tunnelLost() {
        end(.tunnelLost, machine.tunnelLost())
    }

    // MARK: From the target

    func targetConnected(_ handler: TargetHandler) {
        self.handler = handler
        tunnel.noteTarget(nil)
        watcher.publish(.targetConnected)
        perform(machine.targetConnected())
    }

    func targetCouldNotConnect(_ cause: NetworkCause) {
        dropWaiting()
        tunnel.noteTarget(cause)
        watcher.publish(.targetFailed(tunnel.wording.text(ofTarget: cause)))
        end(ConversationEnd(notConnected: cause), machine.targetCouldNotConnect())
    }

    func claimRead() -> Bool {
        guard machine.readsTarget, let sender = tunnel.sender else { return false }
        return sender.claimRead(flow)
    }

    func targetSent(_ bytes: ByteBuffer) {
        guard machine.isOpen else { return }
        if isTargetIdle {
            leaveTarget()
            return
        }
        if !hasTargetSent {
            hasTargetSent = true
            if !tunnel.isTargetTLS, bytes.isTLSAlert { tellWithoutAnswer(.speaksTLS) }
        }
        tunnel.sender?.send(bytes, flow)
        if halfClosed != nil { halfClosed?.lastByte = tunnel.eventLoop.now }
        let wasWaiting = reader.isWaitingForAnswer
        reader.targetSent(bytes)
        while let event = reader.nextFromTarget() {
            if gate != nil, case .head(let head) = event, !head.isInterim { targetWillClose = head.wantsClose }
            watcher.publish(event)
        }
        if gate != nil { drainGate() }
        // An upgrade was answered, or there is room for more requests: the reader can now pass on what it kept back.
        if wasWaiting, machine.isOpen, !reader.isWaitingForAnswer {
            pullRequests()
            noteWaiting()
            flushTarget()
        }
    }

    func targetCaughtUp() { flushTarget() }

    func targetClosed(_ cause: NetworkCause?) {
        handler = nil
        if isTargetIdle, reader.targetBytesHeld == 0, !targetWillClose {
            forgetTarget()
            return
        }
        if !hasTargetSent, machine.isOpen, reader.answersDue > 0 { tellWithoutAnswer(cause ?? .closed) }
        finishTimer?.cancel()
        budgetShare.note(0, of: self)
        let isCutByError = cause != nil && reader.endsByClosing
        let ending = reader.targetEnded()
        while let event = reader.nextFromTarget() { watcher.publish(event) }
        let end: ConversationEnd = cause.map { .targetReset("\($0)") } ?? .targetClosed(complete: ending == .complete)
        self.end(end, machine.targetClosed(), isAnswerCut: ending == .cut || isCutByError)
    }

    func linkTakesMore() { handler?.resumeReading() }

    // MARK: Requests

    private func pullRequests() {
        while let event = reader.nextFromVisitor() {
            switch event {
            case .head(let head):
                if machine.isHeld { held.began() }
                let sent = tunnel.requestEdit.apply(to: head, from: remote)
                watcher.requestHead(received: head.raw, sent: sent)
                if gate != nil || tunnel.holdFilter != nil, holdsBack(head, sent ?? head.raw) { continue }
                forward(sent ?? head.raw)
            case .body(let bytes):
                if machine.isHeld { held.wentOn() }
                if gate != nil { gate?.add(bytes) } else { forward(bytes) }
                watcher.requestBody(bytes)
            case .end:
                gate?.end()
                watcher.publish(.requestEnd)
            case .opaque(let bytes):
                if gate != nil { holdBack(opaque: bytes) } else { forward(bytes) }
                watcher.visitorOpaque(bytes)
            case .invalid(let fault):
                // It is not ours to refuse: the target gets the bytes as they came, and answers as it decides.
                tunnel.logger.debug("passing on a request that cannot be parsed: \(fault.reason)")
            }
        }
        connectIfNeeded()
    }

    func forward(_ bytes: ByteBuffer) {
        if machine.visitorSent() == .forward, waiting.isEmpty, let handler {
            handler.write(bytes)
            needsFlushSoon()
            return
        }
        waiting.append(bytes)
        waiting.compactFirst()
    }

    /// Connects the target if that was put off until there is something for it. Call it after a loop and not in it: if the
    /// connection fails at once, the conversation is over.
    func connectIfNeeded() {
        if machine.target == .notStarted, !waiting.isEmpty { perform(machine.connect()) }
    }

    private func needsFlushSoon() {
        guard !needsFlush else { return }
        needsFlush = true
        tunnel.flushLater(self)
    }

    func flushTarget() {
        needsFlush = false
        guard let handler else { return }
        handler.flush(portion: budgetShare.portion)
        noteWaiting()
    }

    func noteWaiting() {
        // The flush may have found that the target is gone.
        guard machine.isOpen else { return }
        let pauseAt = budgetShare.pauseBytes(usually: TargetConversationMachine.pauseBytes)
        let isHigh = budgetShare.isHigh
        let memoryHeld = reader.visitorMemoryHeld + reader.targetMemoryHeld
        let gateMemory = gate?.memory ?? 0
        budgetShare.note(waiting.memory + gateMemory + memoryHeld + (handler?.writer.memory ?? 0), of: self)
        // Reading goes on until a held request can be edited, unless memory is short.
        let gateBytes = gate.map { isHigh || $0.bytes > tunnel.heldBytes ? $0.bytes : 0 } ?? 0
        // The early pause when memory is short must not happen within a head, whose rest would never come then.
        let heldBytes = max(0, reader.bytesHeld - (isHigh ? HTTPConversationReader.Limits().headBytes : 0))
        let hadPaused = machine.hasPausedVisitor
        let effects = machine.waitingChanged(
            bytes: waiting.bytes + gateBytes + heldBytes + (handler?.writer.queuedBytes ?? 0),
            pauseAt: pauseAt
        )
        if machine.hasPausedVisitor != hadPaused { watcher.publish(.targetPaused(machine.hasPausedVisitor)) }
        if effects.contains(.closeTarget) {
            end(Self.ignoredPause, effects)
        } else {
            perform(effects)
        }
    }

    func exceeded(_ budget: MemoryBudget) {
        guard machine.isOpen else {
            // The visitor has left, and the target does not read the rest of what it sent.
            dropWaiting()
            handler?.close()
            return
        }
        end(Self.ignoredPause, machine.closed())
    }
}

extension ByteBuffer {
    /// Whether a TLS alert record begins here (RFC 8446 section 5.1).
    fileprivate var isTLSAlert: Bool { readableBytesView.starts(with: [21, 3]) }
}
