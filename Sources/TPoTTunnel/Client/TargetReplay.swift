import NIOCore
import TPoTNetwork
import TPoTTraffic
import TPoTWire

/// A captured request that is sent to the target again: directly, without the tunnel, on a connection of its own.
///
/// It follows no redirect. Lives on the tunnel's event loop.
final class TargetReplay: TargetOwner {
    let number: ConversationNumber

    private let request: ByteBuffer
    private let wording: any FailureWording
    private let noteTarget: (NetworkCause?) -> Void
    private let onEnd: (TargetReplay, ConversationEnd) -> Void
    private var watcher: ConversationWatcher
    private var reader = HTTPConversationReader()
    private var handler: TargetHandler?
    private var isOver = false

    /// - Parameters:
    ///   - exchange: the number of the replayed exchange.
    ///   - batch: the same for all replays that were asked for at once.
    ///   - request: head and body as they are sent to the target.
    ///   - noteTarget: gets nil if the target could be connected to, else the reason why not.
    init(
        number: ConversationNumber,
        of exchange: UInt64,
        batch: UInt64?,
        request: ByteBuffer,
        bus: TrafficBus,
        wording: any FailureWording,
        noteTarget: @escaping (NetworkCause?) -> Void,
        onEnd: @escaping (TargetReplay, ConversationEnd) -> Void
    ) {
        self.number = number
        self.request = request
        self.wording = wording
        self.noteTarget = noteTarget
        self.onEnd = onEnd
        watcher = ConversationWatcher(number: number, bus: bus)
        watcher.publish(.opened(.replay(of: exchange, batch: batch)))
        tellRequest()
    }

    /// Called before the target is connected: a replay is an exchange even if the target cannot be reached.
    private func tellRequest() {
        reader.visitorSent(request)
        while let event = reader.nextFromVisitor() {
            switch event {
            case .head(let head): watcher.requestHead(received: head.raw, sent: nil)
            case .body(let bytes): watcher.requestBody(bytes)
            case .end: watcher.publish(.requestEnd)
            case .opaque(let bytes): watcher.visitorOpaque(bytes)
            case .invalid: break
            }
        }
    }

    func close(_ end: ConversationEnd) {
        guard !isOver else { return }
        isOver = true
        watcher.publish(.closed(end))
        handler?.close()
        onEnd(self, end)
    }

    func targetConnected(_ handler: TargetHandler) {
        self.handler = handler
        noteTarget(nil)
        guard !isOver else {
            handler.close()
            return
        }
        watcher.publish(.targetConnected)
        handler.write(request)
        handler.flush()
    }

    func targetCouldNotConnect(_ cause: NetworkCause) {
        noteTarget(cause)
        watcher.publish(.targetFailed(wording.text(ofTarget: cause)))
        close(ConversationEnd(notConnected: cause))
    }

    func claimRead() -> Bool { true }

    func targetSent(_ bytes: ByteBuffer) {
        guard !isOver else { return }
        reader.targetSent(bytes)
        var isUnreadable = false
        while let event = reader.nextFromTarget() {
            if case .invalid = event { isUnreadable = true }
            watcher.publish(event)
        }
        // After an upgrade the replay ends, because it has no visitor to go on: only the request was captured.
        if reader.answersDue == 0 { close(.targetClosed(complete: true)) }
        // The end of an unreadable answer cannot be found. A target that keeps the connection open would make the
        // replay wait for ever.
        if isUnreadable { close(.targetClosed(complete: false)) }
    }

    func targetCaughtUp() {}

    func targetClosed(_ cause: NetworkCause?) {
        handler = nil
        guard !isOver else { return }
        let ending = reader.targetEnded()
        while let event = reader.nextFromTarget() { watcher.publish(event) }
        close(cause.map { .targetReset("\($0)") } ?? .targetClosed(complete: ending == .complete))
    }
}
