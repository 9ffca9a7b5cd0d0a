import NIOCore

/// What follows after the visitor has closed its sending half (protocol section 6).
extension TargetConversation {
    /// A TLS target is not told of the half-close: TLS 1.2 makes peers discard the rest of their answer.
    func scheduleHalfClose(at deadline: NIODeadline) {
        guard !tunnel.isTargetTLS else { return }
        halfCloseTimer = tunnel.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.halfCloseTarget() }
    }

    private func halfCloseTarget() {
        guard machine.isOpen, let halfClosed, let receivedTotal else { return }
        let now = tunnel.eventLoop.now
        let isQuiet = now >= halfClosed.lastByte + Self.halfCloseDelay
        let hasAll = receivedBytes == receivedTotal && waiting.isEmpty && reader.bytesHeld == 0 && gate == nil
        guard isQuiet, hasAll, !machine.isHeld, let handler, handler.halfClose() else {
            scheduleHalfClose(at: max(now, halfClosed.lastByte) + Self.halfCloseDelay)
            return
        }
    }

    /// Whether the visitor gave up during the hold. One that closed its half together with its request still waits.
    var hasVisitorGivenUp: Bool {
        guard let halfClosed else { return false }
        return halfClosed.time - opened > Self.halfCloseDelay
    }
}
