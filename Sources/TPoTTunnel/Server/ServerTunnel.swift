import Logging
import NIOCore
import TPoTWire

/// One client's tunnel on the server: its link and the visitors' conversations on it. Lives on the server's event loop.
final class ServerTunnel: TunnelLinkOwner {
    let subdomain: Subdomain
    let logger: Logger
    /// Bytes that the client sent and its visitors have not received yet: 64 MiB, plus 128 KiB for each of those
    /// visitors.
    let budget = MemoryBudget(pool: 64 * 1024 * 1024)
    private(set) var link: TunnelLink?
    /// Sends the conversations' messages; nil once the link has ended.
    var sender: LinkSender? { link?.sender }
    /// The secret that gives the client its name back, if the lease extension was agreed on.
    let lease: LeaseSecret?
    /// Called at the first ping, which shows that the client has received the 101.
    var onFirstPing: (() -> Void)?

    private let onEnd: (ServerTunnel, LinkEnd) -> Void
    private var ids = ConversationIDs()
    private var visitors: [ConversationID: VisitorConversation] = [:]
    private let needFlush = FlushQueue<VisitorConversation>()
    private var refusedAnswers = LogThrottle()

    init(
        subdomain: Subdomain,
        extensions: TunnelExtensions,
        logger: Logger,
        turns: LinkTurns,
        onEnd: @escaping (ServerTunnel, LinkEnd) -> Void
    ) {
        self.subdomain = subdomain
        lease = extensions.contains(.lease) ? .random() : nil
        self.logger = logger
        self.onEnd = onEnd
        link = TunnelLink(role: .server, owner: self, turns: turns)
        link?.extensions = extensions
    }

    /// Whether a visitor's answer is due or under way.
    var isAnswerDue: Bool { visitors.values.contains(where: \.isAnswerDue) }

    /// Opens a conversation for a visitor. Returns nil if all ids are in use or the link has ended.
    func open(for visitor: VisitorConversation, from remote: RemoteAddress) -> LinkFlow? {
        guard let link, let id = ids.take() else { return nil }
        let flow = LinkFlow(id: id)
        flow.feeder = visitor
        visitors[id] = visitor
        link.sender.open(.openHTTP(id, link.extensions.contains(.ip6) ? remote : remote.mapped), flow)
        return flow
    }

    /// Forgets a conversation that is over. Its id is free as soon as its `X` was sent.
    func forget(_ flow: LinkFlow) {
        flow.feeder = nil
        visitors[flow.id] = nil
    }

    /// Logs why a visitor did not get what the target sent.
    func noteRefusedAnswer(_ reason: String) {
        guard let times = refusedAnswers.note(at: .now()) else { return }
        logger.notice("closed a visitor's connection because of the target's answer: \(reason)\(times)")
    }

    func flushLater(_ visitor: VisitorConversation) { needFlush.add(visitor) }

    /// Ends the tunnel because the server stops.
    func stop() {
        link?.close(code: 1001, reason: "the server is stopping", end: .stopped)
        linkEnded(.stopped)
    }

    /// Ends the tunnel because its client has connected with another link.
    func takenOver() {
        link?.close(
            code: LinkEnd.takenOverCode,
            reason: "a client with the lease of this name has come",
            end: .takenOver
        )
        linkEnded(.takenOver)
    }

    // MARK: The link

    func linkReceived(_ message: TunnelMessage) throws {
        switch message {
        case .data(let id, let bytes):
            try visitors[id]?.targetSent(bytes)
        case .pause(let id):
            visitors[id]?.setPausedByTarget(true)
        case .resume(let id):
            visitors[id]?.setPausedByTarget(false)
        case .closed(let id):
            visitors[id]?.targetClosed()
        case .ended(let id, let cause, _):
            visitors[id]?.targetClosed(cause)
        case .halfClosed(let id, let total):
            try visitors[id]?.targetHalfClosed(total: total)
        case .couldNotConnect(let id):
            visitors[id]?.targetNotConnected()
        case .greeting, .openHTTP, .openRaw:
            throw ServerProtocolError.notForServers
        }
    }

    func linkReadComplete() {
        needFlush.flush { $0.flushVisitor() }
    }

    func linkSentClosed(_ id: ConversationID) { ids.end(id) }

    func linkPinged() { onFirstPing.take()?() }

    func linkRoundTrip(_ time: TimeAmount) {}

    func linkEnded(_ end: LinkEnd) {
        guard link != nil else { return }
        link = nil
        // Some visitors to flush may have moved on to other tunnels, and nothing else flushes them.
        linkReadComplete()
        logger.info("tunnel closed: \(end)")
        onEnd(self, end)
        for visitor in visitors.values { visitor.tunnelLost() }
        visitors.removeAll()
    }
}

/// A client's violation of the protocol.
enum ServerProtocolError: Error, CustomStringConvertible {
    /// A message that only servers send.
    case notForServers
    /// The half-close came before an upgrade, or for the second time.
    case halfCloseOutOfPlace
    case dataAfterHalfClose

    var description: String {
        switch self {
        case .notForServers: "control message that only servers send"
        case .halfCloseOutOfPlace: "half-close of a conversation that cannot be half-closed"
        case .dataAfterHalfClose: "data after a half-close"
        }
    }
}
