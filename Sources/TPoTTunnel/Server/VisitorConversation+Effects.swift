import Logging
import NIOCore
import TPoTWire

/// Carries out the effects that ``VisitorMachine`` decides on.
extension VisitorConversation {
    /// - Parameter cause: the reason for the log, if these effects end the conversation.
    func perform(_ effects: VisitorMachine.Effects, _ cause: StaticString) {
        guard !effects.isEmpty else { return }
        performOnTunnel(effects, cause)
        writeAnswer(effects)
        if effects.contains(.watchSilence) { watchSilence() }
        if !machine.isOpen { stopWatchingSilence() }
        if machine.isLeaving {
            handler?.stopTimers()
            stopAwaiting()
        }
        guard let handler else { return }
        closeVisitor(handler, effects)
        if effects.contains(.readVisitor) || machine.isLeaving { linkTakesMore() }
        if report != nil, !settle(.isOpen) { report?.keepChecking() }
    }

    private func performOnTunnel(_ effects: VisitorMachine.Effects, _ cause: StaticString) {
        guard let flow, let tunnel else { return }
        if effects.contains(.sendPause) { tunnel.sender?.sendFlowControl(.pause(flow.id), flow) }
        if effects.contains(.sendResume) { tunnel.sender?.sendFlowControl(.resume(flow.id), flow) }
        if effects.contains(.sendHalfClosed) { tunnel.sender?.sendHalfClosed(flow) }
        if effects.contains(.sendClosed) { sendClosed(flow, on: tunnel.sender, discarding: false) }
        if effects.contains(.sendClosedDiscarding) { sendClosed(flow, on: tunnel.sender, discarding: true) }
        guard !machine.isOpen else { return }
        tunnel.logger.debug("conversation closed: \(cause)", metadata: ["conversation": "\(flow.id)"])
        tunnel.forget(flow)
        self.flow = nil
        self.tunnel = nil
    }

    private func writeAnswer(_ effects: VisitorMachine.Effects) {
        if effects.contains(.answerNotConnected) {
            handler?.write(ownAnswer(503, "the tunnel could not connect to its target").bytes)
        }
        if effects.contains(.answerTunnelLost) {
            handler?.write(ownAnswer(503, "the tunnel was closed").bytes)
        }
        if effects.contains(.answerUnreadable) {
            let reason = responseFault.map { ": \($0.reason)" } ?? ""
            handler?.write(ownAnswer(502, "the target's answer is unreadable\(reason)").bytes)
        }
    }

    private func closeVisitor(_ handler: VisitorHandler, _ effects: VisitorMachine.Effects) {
        if effects.contains(.abortVisitor) {
            budgetShare.note(0, of: self)
            handler.abort()
        }
        if effects.contains(.closeVisitor) { handler.close() }
        guard effects.contains(.finishVisitor) || effects.contains(.resetVisitor) else { return }
        budgetShare.note(handler.writer.memory, of: self)
        let visitor: LingeringClose.Visitor =
            machine.hasInputEnded ? .hasEnded : requests.isVisitorDone ? .isDone : .mayGoOn
        let close = handler.closeLingering(visitor) { self.settle($0 ? .closes : .isOpen) }
        if effects.contains(.finishVisitor) { close?.finish() } else { close?.reset() }
    }

    private func sendClosed(_ flow: LinkFlow, on sender: LinkSender?, discarding: Bool) {
        guard let sender else { return }
        guard sender.extensions.contains(.cause), let handler else {
            sender.sendClosed(flow, discarding: discarding)
            return
        }
        if discarding { sender.discard(flow) }
        report = DeliveryReport(flow, sender, to: handler, sent: dataBytes, on: server.eventLoop)
        // A visitor that stays on the connection continues with another conversation, so the report is settled now.
        // For a visitor that leaves, the bytes that it took are known at the earliest when its answer is flushed.
        if !machine.isLeaving || machine.cause != .complete { settle(machine.isLeaving ? .isOpen : .continues) }
    }

    /// Reports what the visitor took of the last conversation, if that is known.
    ///
    /// - Returns: whether no report is pending afterwards.
    @discardableResult
    func settle(_ moment: DeliveryReport.Moment) -> Bool {
        guard report?.settle(moment, decided: machine.cause) ?? true else { return false }
        report = nil
        return true
    }

    private func watchSilence() {
        lastByte = server.eventLoop.now
        checkSilence()
    }

    private func checkSilence() {
        guard machine.isOpen, machine.hasInputEnded, handler != nil else { return }
        let end = lastByte + .seconds(Int64(machine.silenceSeconds))
        if server.eventLoop.now >= end {
            perform(machine.silent(), "nothing passed after the visitor had closed its side")
        } else {
            silenceTimer = server.eventLoop.assumeIsolated().scheduleTask(deadline: end) { self.checkSilence() }
        }
    }

    /// The timer would keep the conversation for minutes after its visitor has left.
    func stopWatchingSilence() {
        silenceTimer?.cancel()
        silenceTimer = nil
    }
}
