import NIOCore
import TPoTTraffic
import TPoTWire

/// A hold by filter: what waits in the conversation's ``RequestGate``, and what the user does with it.
extension TargetConversation {
    /// Decides whether a request waits. If it does, its head is in the gate.
    func holdsBack(_ head: HTTPRequestHead, _ bytes: ByteBuffer) -> Bool {
        let isMatch = tunnel.holdFilter?.matches(head, remote) == true && tunnel.canHoldMore()
        guard isMatch || gate != nil else { return false }
        let id = tunnel.takeHeldID(for: isMatch ? self : nil)
        var gate = self.gate.take() ?? RequestGate()
        gate.begin(
            id,
            isHeld: isMatch,
            isHead: head.method == .head,
            isUpgrade: head.asksForUpgrade,
            at: tunnel.eventLoop.now
        )
        gate.add(bytes)
        self.gate = gate
        watcher.publish(.requestHeld(id, isMatch: isMatch))
        return true
    }

    func holdBack(opaque bytes: ByteBuffer) {
        gate?.beginOpaque(at: tunnel.eventLoop.now)
        gate?.add(bytes)
    }

    // MARK: From the user

    func letGo(_ id: HeldRequestID) {
        if gate?.letGo(id) == true { drainGate() }
    }

    /// Answers the request with this status when its turn comes, and then ends the conversation.
    func refuse(_ id: HeldRequestID, status: Int) {
        guard gate?.refuse(id, status: status) == true else { return }
        tunnel.isHeldNoMore(id)
        drainGate()
    }

    /// Sends an edited request in place of one that waits.
    func replace(_ id: HeldRequestID, with request: ByteBuffer) throws(HeldEditRefusal) {
        guard let gate else { throw .notHeld }
        if let refusal = gate.editRefusal(id) { throw refusal }
        var parser = HTTPConversationReader()
        parser.visitorSent(request)
        guard case .head(let head)? = parser.nextFromVisitor() else { throw .notOneRequest }
        guard !head.asksForUpgrade else { throw .isUpgrade }
        guard (head.method == .head) == gate.isHead(id) else { throw .changesHead }
        var body = ByteBuffer()
        var event = parser.nextFromVisitor()
        while case .body(let piece)? = event {
            body.writeImmutableBuffer(piece)
            event = parser.nextFromVisitor()
        }
        guard event == .end, parser.bytesHeld == 0 else { throw .notOneRequest }
        self.gate?.replace(id, with: request)
        watcher.publish(.requestEdited(id, head: Array(buffer: head.raw), body: body))
        drainGate()
    }

    /// The hold has ended.
    func releaseGate() {
        gate?.letAllGo()
        drainGate()
        // No request has come on this conversation yet.
        if machine.target == .notStarted { perform(machine.connect()) }
    }

    // MARK: Draining

    /// Sends what need not wait any more.
    func drainGate() {
        while machine.isOpen, let step = gate?.next(answersDue: reader.answersDue) {
            switch step {
            case .released(let id):
                tunnel.isHeldNoMore(id)
                watcher.publish(.requestReleased(id))
                if hasVisitorGivenUpInGate { return end(.visitorLeft, machine.closed()) }
            case .forward(let bytes):
                forward(bytes)
            case .refuse(let refusal):
                return answer(refusal)
            }
        }
        if gate?.isEmpty == true { gate = nil }
        // The target does not speak HTTP, so it will never be known that the earlier answers are complete.
        if gate?.isFirstRefused == true, reader.isTargetOpaque { return closedByUser() }
        connectIfNeeded()
        flushTarget()
        noteWaiting()
    }

    /// Whether the visitor of the first request, which is released now, has most likely left. While it still gets an earlier
    /// answer, that is not likely.
    private var hasVisitorGivenUpInGate: Bool {
        guard let halfClosed, let gate, let arrival = gate.firstArrival else { return false }
        return halfClosed.time - arrival > Self.halfCloseDelay && reader.answersDue == gate.requests + 1
    }

    /// Gives the visitor our own answer, which is the last of the conversation.
    private func answer(_ refusal: RequestGate.Refusal) {
        let (head, body) = RefusalAnswer.bytes(status: refusal.status, isHead: refusal.isHead)
        var whole = head
        whole.writeImmutableBuffer(body)
        tunnel.sender?.send(whole, flow)
        watcher.publish(.requestReleased(refusal.id))
        watcher.publish(.responseHead(Array(buffer: head)))
        if body.readableBytes > 0 { watcher.publish(.responseBody(.bytes(body))) }
        watcher.publish(.responseEnd)
        end(.closedByUser, machine.answered())
    }

    func dropGate() {
        guard let gate else { return }
        for id in gate.ids { tunnel.isHeldNoMore(id) }
        self.gate = nil
    }

    // MARK: The idle target

    /// The target has answered everything that it got, and later requests wait in the gate.
    var isTargetIdle: Bool {
        guard let gate, machine.isOpen, machine.target == .connected else { return false }
        return reader.answersDue == gate.requests && !reader.isOpaque && !reader.isTargetOpaque
    }

    /// The target sends bytes that nobody asked for, such as a 408 before it closes an idle connection. The visitor would
    /// take them for the answer to the request that waits. So that connection is given up, and a new one is made later.
    func leaveTarget() {
        handler?.detach()
        forgetTarget()
    }

    /// The connection to the target has ended, and the next request makes a new one.
    func forgetTarget() {
        handler = nil
        hasTargetSent = false
        targetWillClose = false
        machine.targetLeftIdle()
        reader.targetReplaced()
        noteWaiting()
    }
}
