import NIOCore
import TPoTNetwork
import TPoTTraffic
import TPoTWire

/// A captured request that is sent to the target again: straight, without the tunnel, on a connection of its own.
///
/// It follows no redirect. Lives on the tunnel's event loop.
final class TargetReplay: TargetOwner {
    let number: ConversationNumber

    private let request: ByteBuffer
    private let wording: any FailureWording
    private let onEnd: (TargetReplay, ConversationEnd) -> Void
    private var watcher: ConversationWatcher
    private var reader = HTTPConversationReader()
    private var handler: TargetHandler?
    private var isOver = false

    /// - Parameters:
    ///   - exchange: the number of the exchange that is replayed.
    ///   - request: head and body as they go to the target.
    init(
        number: ConversationNumber,
        of exchange: UInt64,
        request: ByteBuffer,
        bus: TrafficBus,
        wording: any FailureWording,
        onEnd: @escaping (TargetReplay, ConversationEnd) -> Void
    ) {
        self.number = number
        self.request = request
        self.wording = wording
        self.onEnd = onEnd
        watcher = ConversationWatcher(number: number, bus: bus)
        watcher.publish(.opened(.replay(of: exchange)))
        tellRequest()
    }

    /// Before the target is connected: a replay that finds nobody there is an exchange all the same.
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
        guard !isOver else {
            handler.close()
            return
        }
        watcher.publish(.targetConnected)
        handler.write(request)
        handler.flush()
    }

    func targetCouldNotConnect(_ cause: NetworkCause) {
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
        // Nobody is there to speak after an upgrade; what was captured of it was its request.
        if reader.answersDue == 0 { close(.targetClosed(complete: true)) }
        // Where it ends cannot be told: a target that keeps the connection would let the replay wait for ever.
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
