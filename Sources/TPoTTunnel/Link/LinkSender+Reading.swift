import DequeModule

/// Decides which local sockets are read, so that the bytes waiting for the link stay bounded.
extension LinkSender {
    /// Asks to read the flow's socket. If that has to wait, the flow's feeder is called later.
    func claimRead(_ flow: LinkFlow) -> Bool {
        if flow.stopped != .allowed { return false }
        flow.stopped = scheduler.reading(flow)
        if flow.stopped == .untilOthersDrain { waitingToRead.append(flow) }
        return flow.stopped == .allowed
    }

    /// Notes that data of the flow was sent.
    func noteDrained(_ flow: LinkFlow) {
        guard flow.stopped == .untilConversationDrains, flow.bytes <= scheduler.limits.resumeBytes else { return }
        flow.stopped = .allowed
        drained.append(flow)
    }

    /// Resumes reading the sockets that now have room, in the order in which they were stopped.
    func resumeReading() {
        if !drained.isEmpty {
            let flows = drained
            drained.removeAll(keepingCapacity: true)
            for flow in flows { flow.feeder?.linkTakesMore() }
        }
        // Each resumed socket may deliver one read, so only as many are resumed as there is room for.
        var room = scheduler.limits.totalBytes - scheduler.readyBytes
        // If nothing is ready to be sent, all are resumed, because there may be no later flush.
        while room > 0 || scheduler.readyBytes == 0, let flow = waitingToRead.popFirst() {
            flow.stopped = .allowed
            guard let feeder = flow.feeder else { continue }
            room -= scheduler.limits.resumeBytes
            feeder.linkTakesMore()
        }
    }
}
