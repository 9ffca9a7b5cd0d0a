import DequeModule

/// Which local sockets are read, so that what waits for the link stays bounded.
extension LinkSender {
    /// Asks to read the flow's socket. Where that has to wait, its feeder is called when it may be read.
    func claimRead(_ flow: LinkFlow) -> Bool {
        if flow.stopped != .allowed { return false }
        flow.stopped = scheduler.reading(flow)
        if flow.stopped == .untilOthersDrain { waitingToRead.append(flow) }
        return flow.stopped == .allowed
    }

    /// Data of the flow went out.
    func noteDrained(_ flow: LinkFlow) {
        guard flow.stopped == .untilConversationDrains, flow.bytes <= scheduler.limits.resumeBytes else { return }
        flow.stopped = .allowed
        drained.append(flow)
    }

    /// Lets sockets be read again for which there is room now, in the order in which they were stopped.
    func resumeReading() {
        if !drained.isEmpty {
            let flows = drained
            drained.removeAll(keepingCapacity: true)
            for flow in flows { flow.feeder?.linkTakesMore() }
        }
        // Each of them may bring one read, so no more are let go than there is room for.
        var room = scheduler.limits.totalBytes - scheduler.readyBytes
        // When nothing waits all are let go: no later flush is sure to come.
        while room > 0 || scheduler.readyBytes == 0, let flow = waitingToRead.popFirst() {
            flow.stopped = .allowed
            guard let feeder = flow.feeder else { continue }
            room -= scheduler.limits.resumeBytes
            feeder.linkTakesMore()
        }
    }
}
