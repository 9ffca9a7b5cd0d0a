import Logging
import NIOConcurrencyHelpers
import NIOCore
import TPoTNetwork
import TPoTTraffic
import TPoTWire

/// The client's conversations, and the link that carries them if there is one. Lives on one event loop.
final class ClientTunnel: TunnelLinkOwner {
    let eventLoop: any EventLoop
    let bus: TrafficBus
    let logger: Logger
    var requestEdit: RequestEdit
    /// Memory for bytes that visitors sent and targets have not taken yet: 256 MiB, and 128 KiB for each conversation
    /// that has any. It is large because a held tunnel makes hundreds of uploads wait.
    let budget = MemoryBudget(pool: 256 * 1024 * 1024)

    let wording: any FailureWording
    private let connector: TargetConnector
    private(set) var link: TunnelLink?
    /// Sends the conversations' messages; nil without a link.
    var sender: LinkSender? { link?.sender }
    private(set) var conversations: [ConversationID: TargetConversation] = [:]
    /// Ended conversations that wait for the server to say what the visitor took.
    private var verdicts: [ConversationID: (conversation: TargetConversation, timer: Scheduled<Void>)] = [:]
    private var replays: [ConversationNumber: TargetReplay] = [:]
    private let needFlush = FlushQueue<TargetConversation>()
    private let targetWatch: TargetWatch
    private var nextNumber: ConversationNumber = 1
    private var hasGreeted = false
    private var hasRefusedRaw = false
    private var isDraining = false
    var isHolding = false
    /// What a hold by filter makes wait; nil without such a hold.
    var holdFilter: HoldFilter?
    /// The conversations of the requests that match the filter and wait. At most ``heldLimit``.
    var heldRequests: [HeldRequestID: TargetConversation] = [:]
    var lastHeldID: HeldRequestID = 0
    var hasToldOfHeldLimit = false
    /// How many held requests were refused when the client stopped. Any thread may read it.
    let requestsRefused = NIOLockedValueBox(0)

    var isTargetTLS: Bool { connector.isTLS }

    var onGreeting: ((Subdomain) -> Void)?
    var onEnd: ((LinkEnd) -> Void)?
    private var lastRoundTrip: (time: NIODeadline, trip: TimeAmount)?

    init(
        eventLoop: any EventLoop,
        bus: TrafficBus,
        logger: Logger,
        requestEdit: RequestEdit,
        wording: any FailureWording,
        connector: TargetConnector
    ) {
        self.eventLoop = eventLoop
        self.bus = bus
        self.logger = logger
        self.requestEdit = requestEdit
        self.wording = wording
        self.connector = connector
        targetWatch = TargetWatch(
            eventLoop: eventLoop,
            tryConnecting: { [connector, wording] whenDone in
                connector.connect(
                    TargetProbe { whenDone($0.map { wording.text(ofTarget: $0) }) },
                    withoutTLS: true
                )
            },
            publish: { [bus] state in
                bus.publish(TrafficEvent(time: .now(), conversation: 0, kind: .tunnel(.target(state))))
            }
        )
    }

    /// Whether any conversation has an answer due or under way.
    var isBusy: Bool { conversations.values.contains { $0.isBusy } }

    func attach(_ link: TunnelLink) {
        self.link = link
        hasGreeted = false
    }

    /// From now on new conversations are refused.
    func drain() {
        isDraining = true
    }

    /// Ends one conversation at the user's request.
    func close(_ number: ConversationNumber) {
        replays[number]?.close(.closedByUser)
        conversations.values.first { $0.number == number }?.closedByUser()
    }

    /// Sends a captured request to the target again, `times` times, one after the other. A hold does not delay it.
    /// - Parameter batch: that of the replays before it; nil for the first one.
    func replay(_ request: ByteBuffer, of exchange: UInt64, times: Int, batch: UInt64? = nil) {
        guard times > 0 else { return }
        // The number of the first conversation is as good as any other, and never used again.
        let batch = batch ?? (times > 1 ? nextNumber : nil)
        let replay = TargetReplay(
            number: nextNumber,
            of: exchange,
            batch: batch,
            request: request,
            bus: bus,
            wording: wording,
            noteTarget: { [weak self] in self?.noteTarget($0) },
            onEnd: { [weak self] replay, end in
                guard let self else { return }
                self.replays[replay.number] = nil
                guard end != .closedByUser else { return }
                // This is not a direct call, because a target that refuses at once would make it a recursion.
                self.eventLoop.assumeIsolated().execute {
                    self.replay(request, of: exchange, times: times - 1, batch: batch)
                }
            }
        )
        nextNumber += 1
        replays[replay.number] = replay
        connector.connect(replay)
    }

    /// Nil if the target can be connected to, else the reason why not.
    func probeTarget() -> EventLoopFuture<NetworkCause?> {
        let outcome = eventLoop.makePromise(of: NetworkCause?.self)
        connector.connect(
            TargetProbe { cause in
                self.noteTarget(cause)
                outcome.succeed(cause)
            }
        )
        return outcome.futureResult
    }

    /// Notes whether the target could be connected to.
    /// - Parameter cause: why not; nil if it could.
    func noteTarget(_ cause: NetworkCause?) {
        if let cause {
            targetWatch.failed(wording.text(ofTarget: cause), isOfTLS: cause.isOfTLS)
        } else {
            targetWatch.connected()
        }
    }

    func publish(_ status: TunnelStatus) {
        bus.publish(TrafficEvent(time: .now(), conversation: 0, kind: .tunnel(status)))
    }

    // MARK: For conversations

    func connectTarget(of conversation: TargetConversation) { connector.connect(conversation) }

    func flushLater(_ conversation: TargetConversation) { needFlush.add(conversation) }

    /// The conversation has sent or received its `X`, so its id is free.
    func release(_ conversation: TargetConversation) {
        let id = conversation.flow.id
        conversation.flow.feeder = nil
        if conversations[id] === conversation { conversations[id] = nil }
    }

    // MARK: What visitors took

    /// How long to wait for the server's report.
    private static let verdictLimit = TimeAmount.seconds(3)

    /// Waits for the server to say what the visitor took of a conversation that we end now.
    /// - Returns: false if the server will not say it.
    func awaitVerdict(of conversation: TargetConversation) -> Bool {
        guard link?.extensions.contains(.cause) == true else { return false }
        let id = conversation.flow.id
        let timer = eventLoop.assumeIsolated().scheduleTask(in: Self.verdictLimit) { self.verdictCame(id, nil) }
        verdicts[id] = (conversation, timer)
        return true
    }

    private func verdictCame(_ id: ConversationID, _ cause: ConversationCause?) {
        guard let (conversation, timer) = verdicts.removeValue(forKey: id) else { return }
        timer.cancel()
        conversation.verdictCame(cause)
    }

    // MARK: The link

    func linkReceived(_ message: TunnelMessage) throws {
        if case .greeting(let subdomain) = message {
            guard !hasGreeted else { return }
            hasGreeted = true
            targetWatch.tunnelIsUp()
            onGreeting?(subdomain)
            return
        }
        guard hasGreeted else { throw ClientProtocolError.noGreeting }
        switch message {
        case .greeting:
            break
        case .couldNotConnect:
            throw ClientProtocolError.notForClients
        case .openHTTP(let id, let remote):
            open(id, remote)
        case .openRaw(let id, _):
            if !hasRefusedRaw {
                hasRefusedRaw = true
                logger.warning("the server opens raw conversations, which this client does not know: all are refused")
            }
            refuse(id)
        case .data(let id, let bytes):
            try conversations[id]?.visitorSent(bytes)
        case .pause(let id):
            conversations[id]?.setPausedByVisitor(true)
        case .resume(let id):
            conversations[id]?.setPausedByVisitor(false)
        case .closed(let id):
            conversations[id]?.visitorClosed()
        case .ended(_, .notConnected, _):
            throw ClientProtocolError.notForClients
        case .ended(let id, let cause, _):
            if let conversation = conversations[id] {
                conversation.visitorClosed(cause)
            } else {
                verdictCame(id, cause)
            }
        case .halfClosed(let id, let total):
            try conversations[id]?.visitorHalfClosed(total: total)
        }
    }

    private func open(_ id: ConversationID, _ remote: RemoteAddress) {
        // A server that reuses an id has forgotten the conversation that had it.
        conversations[id]?.tunnelLost()
        verdictCame(id, nil)
        guard !isDraining else {
            refuse(id)
            return
        }
        let conversation = TargetConversation(number: nextNumber, id: id, remote: remote, tunnel: self)
        nextNumber += 1
        conversations[id] = conversation
        conversation.open(held: isHolding)
    }

    private func refuse(_ id: ConversationID) {
        let flow = LinkFlow(id: id)
        flow.end.cause = .notConnected
        link?.sender.sendCouldNotConnect(flow)
        link?.sender.sendClosed(flow, discarding: true)
    }

    func linkReadComplete() {
        needFlush.flush { $0.flushTarget() }
    }

    func linkSentClosed(_ id: ConversationID) {}

    func linkPinged() {}

    func linkRoundTrip(_ trip: TimeAmount) {
        // Under load there are thousands of round trips a second, and the subscribers need only a few.
        let now = NIODeadline.now()
        if let last = lastRoundTrip, now - last.time < .milliseconds(500) { return }
        lastRoundTrip = (now, trip)
        publish(.roundTrip(trip))
    }

    func linkEnded(_ end: LinkEnd) {
        link = nil
        targetWatch.tunnelIsDown()
        linkReadComplete()
        for conversation in conversations.values { conversation.tunnelLost() }
        conversations.removeAll()
        for id in Array(verdicts.keys) { verdictCame(id, nil) }
        onEnd?(end)
    }
}
