import NIOCore
import TPoTTraffic

/// The holds: of the whole tunnel, or of what matches a filter. There is one at a time.
extension ClientTunnel {
    /// The most requests that wait because they match the filter. What matches beyond it is let through.
    static let heldLimit = 1000

    /// Bytes that a held request may have before its visitor has to wait: as many as are captured, so that it can be
    /// edited, and its head.
    var heldBytes: Int { min(bus.bodyLimit, 4 * 1024 * 1024) + 64 * 1024 }

    /// Holds all conversations, until ``release()``.
    func hold() {
        guard !isHolding, holdFilter == nil else { return }
        isHolding = true
        for conversation in conversations.values { conversation.hold() }
        publish(.holding(true))
    }

    /// Holds the requests that match, until ``release()``. Those that are under way go on.
    func hold(_ filter: HoldFilter) {
        guard !isHolding, holdFilter == nil else { return }
        holdFilter = filter
        hasToldOfHeldLimit = false
        publish(.holdingMatching(filter.text))
    }

    /// Ends the hold. The conversations go on in the order in which they were opened.
    func release() {
        guard isHolding || holdFilter != nil else { return }
        let wasWhole = isHolding
        isHolding = false
        holdFilter = nil
        publish(.holding(false))
        for conversation in conversations.values.sorted(by: { $0.number < $1.number }) {
            if wasWhole { conversation.release() } else { conversation.releaseGate() }
        }
    }

    /// Refuses the requests that wait for the hold to end, in each conversation that has no earlier answers due.
    func refuseHeld() {
        guard isHolding || holdFilter != nil else { return }
        let count = conversations.values.reduce(0) { $0 + $1.refuseHeld() }
        requestsRefused.withLockedValue { $0 += count }
    }

    // MARK: One held request

    func letGo(_ id: HeldRequestID) { heldRequests[id]?.letGo(id) }

    func refuse(_ id: HeldRequestID, status: Int) { heldRequests[id]?.refuse(id, status: status) }

    func replace(_ id: HeldRequestID, with request: ByteBuffer) throws(HeldEditRefusal) {
        guard let conversation = heldRequests[id] else { throw .notHeld }
        try conversation.replace(id, with: request)
    }

    // MARK: For conversations

    /// Whether one more request may be held. If not, the log says it once, until there is room again.
    func canHoldMore() -> Bool {
        if heldRequests.count < Self.heldLimit { return true }
        if !hasToldOfHeldLimit {
            hasToldOfHeldLimit = true
            logger.warning("\(Self.heldLimit) requests are held: others that match are let through")
        }
        return false
    }

    /// - Parameter conversation: nil if the request only waits behind another one.
    func takeHeldID(for conversation: TargetConversation?) -> HeldRequestID {
        lastHeldID += 1
        heldRequests[lastHeldID] = conversation
        return lastHeldID
    }

    func isHeldNoMore(_ id: HeldRequestID) {
        if heldRequests.removeValue(forKey: id) != nil { hasToldOfHeldLimit = false }
    }
}
