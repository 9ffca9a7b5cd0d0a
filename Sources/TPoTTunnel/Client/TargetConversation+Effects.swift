import NIOCore
import TPoTNetwork
import TPoTTraffic
import TPoTWire

/// Carries out what ``TargetConversationMachine`` decides, and says how the conversation ended.
extension TargetConversation {
    static let ignoredPause = ConversationEnd.limit("the server went on sending after it was asked to wait")

    /// A target that says nothing, or nothing of HTTP, has a reason that a person can do something about.
    func tellWithoutAnswer(_ cause: NetworkCause) {
        watcher.publish(.targetFailed(tunnel.wording.text(ofTarget: cause)))
    }

    /// What the visitor took is known: the server says it after our end.
    /// - Parameter cause: nil where it did not say it in time.
    func verdictCame(_ cause: ConversationCause?) {
        guard isVerdictDue else { return }
        isVerdictDue = false
        watcher.publish(.closed(cause.map { ConversationEnd(visitor: $0) } ?? .visitorLeftUnsure))
    }

    /// - Parameters:
    ///   - isAnswerCut: the target ended in the middle of an answer, or that is not certain.
    ///   - isServerFirst: the server has sent its `X`, and ours only answers it.
    func end(
        _ reason: ConversationEnd,
        _ effects: TargetConversationMachine.Effects,
        isAnswerCut: Bool = false,
        isServerFirst: Bool = false
    ) {
        // Without effects the conversation was over before.
        if !effects.isEmpty {
            let isRefused = effects.contains(.sendCouldNotConnect)
            if !isServerFirst {
                flow.end.cause = ConversationCause(reason, isAnswerCut: isAnswerCut, isRefused: isRefused)
            }
            halfCloseTimer?.cancel()
            // The answer is complete, and it is not known whether the visitor is still there for it.
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

    /// Hands the target what the visitor sent before it went, and closes it: at once, or as soon as it has taken that.
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
    /// - Parameter cause: why there was no connection to the target.
    init(notConnected cause: NetworkCause) { self = cause.isOfTLS ? .targetNotSecured : .targetNotConnected }
}

extension ConversationCause {
    /// What our `X` says of a conversation that ended like this.
    ///
    /// - Parameters:
    ///   - isAnswerCut: the target ended in the middle of an answer, or that is not certain.
    ///   - isRefused: an `N` goes before the `X`.
    init(_ end: ConversationEnd, isAnswerCut: Bool = false, isRefused: Bool = false) {
        self =
            switch end {
            case .targetNotConnected, .targetNotSecured: .notConnected
            case .targetClosed, .targetReset: isAnswerCut ? .incomplete : .complete
            case .closedByUser: isRefused ? .notConnected : .givenUp
            // It gave up while it was held.
            case .visitorLeft: .givenUp
            case .limit: .limit
            // The server's `X` came first, or there is no link for ours.
            case .visitorClosed, .visitorLeftUnsure, .tunnelLost: .complete
            }
    }
}
