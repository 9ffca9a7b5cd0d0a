import NIOCore
import TPoTNetwork
import TPoTTraffic
import TPoTWire

/// Carries out what ``TargetConversationMachine`` decides, and reports how the conversation ended.
extension TargetConversation {
    static let ignoredPause = ConversationEnd.limit("the server went on sending after it was asked to wait")

    /// Publishes why the target sent no HTTP answer. It is a reason that a person can do something about.
    func tellWithoutAnswer(_ cause: NetworkCause) {
        watcher.publish(.targetFailed(tunnel.wording.text(ofTarget: cause)))
    }

    /// The server has said, after our end, what the visitor took.
    /// - Parameter cause: nil if the server did not say it in time.
    func verdictCame(_ cause: ConversationCause?) {
        guard isVerdictDue else { return }
        isVerdictDue = false
        watcher.publish(.closed(cause.map { ConversationEnd(visitor: $0) } ?? .visitorLeftUnsure))
    }

    /// - Parameters:
    ///   - isAnswerCut: whether the target ended, or may have ended, in the middle of an answer.
    ///   - isServerFirst: whether the server has sent its `X`, so that ours only answers it.
    func end(
        _ reason: ConversationEnd,
        _ effects: TargetConversationMachine.Effects,
        isAnswerCut: Bool = false,
        isServerFirst: Bool = false
    ) {
        // If there are no effects, the conversation was already over.
        if !effects.isEmpty {
            let isRefused = effects.contains(.sendCouldNotConnect)
            if !isServerFirst {
                flow.end.cause = ConversationCause(reason, isAnswerCut: isAnswerCut, isRefused: isRefused)
            }
            halfCloseTimer?.cancel()
            // The answer is complete, but it is not known whether the visitor was still there to receive it.
            if halfClosed != nil, reason == .targetClosed(complete: true), tunnel.awaitVerdict(of: self) {
                isVerdictDue = true
            } else {
                watcher.publish(.closed(reason))
            }
        }
        perform(effects)
    }

    func perform(_ effects: TargetConversationMachine.Effects) {
        if effects.contains(.connectTarget) { tunnel.connectTarget(of: self) }
        if effects.contains(.forwardWaiting) { forwardWaiting() }
        if effects.contains(.sendCouldNotConnect) { tunnel.sender?.sendCouldNotConnect(flow) }
        if effects.contains(.sendPause) { tunnel.sender?.sendFlowControl(.pause(flow.id), flow) }
        if effects.contains(.sendResume) { tunnel.sender?.sendFlowControl(.resume(flow.id), flow) }
        if effects.contains(.readTarget) { linkTakesMore() }
        if effects.contains(.sendClosed) { tunnel.sender?.sendClosed(flow, discarding: false) }
        if effects.contains(.sendClosedDiscarding) { tunnel.sender?.sendClosed(flow, discarding: true) }
        if effects.contains(.finishTarget) { finishTarget() }
        if effects.contains(.closeTarget) {
            dropWaiting()
            handler?.close()
        }
        if !machine.isOpen {
            if !machine.isFinishing { dropWaiting() }
            dropGate()
            tunnel.release(self)
        }
    }

    private func forwardWaiting() {
        guard let handler else { return }
        while let buffer = waiting.popFirst() { handler.write(buffer) }
        flushTarget()
    }

    func dropWaiting() {
        waiting.removeAll()
        budgetShare.note(0, of: self)
    }

    /// Gives the target the rest of what the visitor sent before it left, and closes the connection once that is taken.
    private func finishTarget() {
        if finishTimer == nil {
            finishTimer = tunnel.eventLoop.assumeIsolated().scheduleTask(
                in: .seconds(Int64(TargetConversationMachine.finishSeconds))
            ) {
                self.dropWaiting()
                self.handler?.close()
            }
        }
        guard let handler else { return }
        while let buffer = waiting.popFirst() { handler.write(buffer) }
        budgetShare.note(handler.writer.memory, of: self)
        handler.flushThenClose()
    }
}

extension ConversationEnd {
    /// - Parameter cause: why the target could not be connected to.
    init(notConnected cause: NetworkCause) { self = cause.isOfTLS ? .targetNotSecured : .targetNotConnected }
}

extension ConversationCause {
    /// The cause that our `X` gives for a conversation that ended like this.
    ///
    /// - Parameters:
    ///   - isAnswerCut: whether the target ended, or may have ended, in the middle of an answer.
    ///   - isRefused: whether an `N` goes before the `X`.
    init(_ end: ConversationEnd, isAnswerCut: Bool = false, isRefused: Bool = false) {
        self =
            switch end {
            case .targetNotConnected, .targetNotSecured: .notConnected
            case .targetClosed, .targetReset: isAnswerCut ? .incomplete : .complete
            case .closedByUser: isRefused ? .notConnected : .givenUp
            // The visitor gave up during a hold.
            case .visitorLeft: .givenUp
            case .limit: .limit
            // The server's `X` came first, or there is no link for ours.
            case .visitorClosed, .visitorLeftUnsure, .tunnelLost: .complete
            }
    }
}
