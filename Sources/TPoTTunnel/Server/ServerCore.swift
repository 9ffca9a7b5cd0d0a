import Logging
import NIOCore
import NIOHTTP1
import TPoTNetwork
import TPoTWire

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The state that the server's connections share: its domains, the tunnels by name, the check of keys. Lives on one
/// event loop.
final class ServerCore {
    let eventLoop: any EventLoop
    let domains: [String]
    let logger: Logger
    let verifier: AuthorizationVerifier?
    let trustedProxies: TrustedProxies
    let refusals: TunnelRefusals
    /// The protocol extensions that clients are offered.
    let extensions: TunnelExtensions
    /// Bytes that all clients sent and visitors have not received yet: 256 MiB, plus 128 KiB for each of those
    /// visitors.
    let budget = MemoryBudget(pool: 256 * 1024 * 1024)
    /// Requests that are incomplete or wait for answers: 64 MiB in total.
    let unfinishedRequests = MemoryBudget(pool: 64 * 1024 * 1024, perConnection: 0)

    /// No new requests are accepted, because the server is about to end.
    private(set) var isStopping = false
    /// The interval at which a stopping server checks whether the answers are complete.
    private static let stopCheck = TimeAmount.milliseconds(20)

    private var connections: ConnectionLimit
    private var refusedInAll = LogThrottle()
    private var refusedOfAddress = LogThrottle()
    private var failedAccepts = LogThrottle()
    private var unfinishedGivenUp = LogThrottle()
    private var untakenGivenUp = LogThrottle()

    private var tunnels: [Subdomain: ServerTunnel] = [:]
    /// The number of tunnels of each address that has a limit.
    private var tunnelCounts: [IPAddress: Int] = [:]
    private let maximumTunnels: Int
    private let reservedNames: Set<Subdomain>
    private let wording: any ServerWording
    private var leases = NameLeases()
    private var leaseTimer: Scheduled<Void>?
    private var waiting = WaitingVisitors<VisitorConversation>()
    private let turns = LinkTurns()
    private var generator = SystemRandomNumberGenerator()

    init(
        eventLoop: any EventLoop,
        domains: [String],
        verifier: AuthorizationVerifier?,
        trustedProxies: TrustedProxies = .none,
        connections: Int = .max,
        maximumTunnels: Int = TunnelServerConfiguration.defaultMaximumTunnels,
        reservedNames: Set<Subdomain> = [],
        extensions: TunnelExtensions = .ours,
        wording: any ServerWording = PlainServerWording(),
        logger: Logger
    ) {
        self.eventLoop = eventLoop
        self.domains = domains
        self.verifier = verifier
        self.trustedProxies = trustedProxies
        self.connections = ConnectionLimit(total: connections)
        self.maximumTunnels = maximumTunnels
        self.reservedNames = reservedNames
        self.extensions = extensions
        self.logger = logger
        self.wording = wording
        refusals = TunnelRefusals(eventLoop: eventLoop, logger: logger, wording: wording)
    }

    // MARK: Connections

    /// Counts an accepted connection until it is closed. Returns false if there is no room for it.
    func admit(_ channel: any Channel) -> Bool {
        let client = trustedProxies.client(peer: channel.remoteAddress)
        guard let refusal = connections.enter(client) else {
            channel.closeFuture.assumeIsolated().whenComplete { _ in self.connections.leave(client) }
            return true
        }
        logger.debug("closed a new connection: \(refusal)", metadata: ["peer": "\(channel.remoteAddress.text)"])
        switch refusal {
        case .tooManyInAll(let total):
            guard let times = refusedInAll.note(at: .now()) else { return false }
            logger.warning(
                "closed a new connection: \(total) are open; raise the limit of open files (ulimit -n)\(times)"
            )
        case .tooManyOfAddress:
            guard let times = refusedOfAddress.note(at: .now()) else { return false }
            logger.warning("\(wording.connectionClosed(of: "\(client)", open: ConnectionLimit.perAddress))\(times)")
        }
        return false
    }

    /// How long to wait after an error before accepting the next connection; nil if waiting does not help.
    func acceptFailed(_ error: IOError) -> TimeAmount? {
        // The visitor has left before its connection was accepted.
        if error.errnoCode == ECONNABORTED { return nil }
        if let times = failedAccepts.note(at: .now()) {
            logger.error("cannot accept connections: \(NetworkCause(error))\(times)")
        }
        return Self.acceptPause
    }

    /// Without this pause, accepting would be retried endlessly and use a whole core.
    private static let acceptPause = TimeAmount.milliseconds(200)

    /// Logs that a visitor's connection is closed because a budget is used up.
    func gaveUp(_ budget: MemoryBudget) {
        let isOfRequests = budget === unfinishedRequests
        logger.debug("limit of memory reached by \(isOfRequests ? "requests" : "answers that visitors do not take")")
        if budget === unfinishedRequests {
            guard let times = unfinishedGivenUp.note(at: .now()) else { return }
            logger.warning(
                "closed a visitor's connection: 64 MiB of requests are not complete, and it had sent the most\(times)"
            )
        } else {
            guard let times = untakenGivenUp.note(at: .now()) else { return }
            logger.warning("closed a visitor's connection: too much waits that visitors do not take\(times)")
        }
    }

    // MARK: Tunnels

    func tunnel(named name: Subdomain) -> ServerTunnel? { tunnels[name] }

    /// Refuses reserved names. This needs no key, because it costs nothing and reveals nothing.
    func refuseReserved(_ name: Subdomain?) throws(ServerRefusal) {
        if let name, reservedNames.contains(name) { throw .reservedName }
    }

    /// Makes a tunnel with the name asked for, or with a free name.
    ///
    /// - Parameters:
    ///   - extensions: the extensions that were agreed on with the client.
    ///   - secret: the secret that the client presents to get its name back.
    func openTunnel(
        _ asked: Subdomain?,
        for client: ClientAddress,
        _ extensions: TunnelExtensions = [],
        presenting secret: LeaseSecret? = nil
    ) throws(ServerRefusal) -> ServerTunnel {
        guard !isStopping else { throw .serverStopping }
        let key = client.limitKey
        let name = asked ?? freeName()
        let claim = leases.claim(name, secret, from: key, at: eventLoop.now)
        let isReplacing = claim == .holder || claim == .available
        if let key {
            let replaced = isReplacing && leases.counts(name, for: key) ? 1 : 0
            guard tunnelCounts[key, default: 0] - replaced < maximumTunnels else {
                throw .tooManyTunnels(limit: maximumTunnels)
            }
        }
        switch claim {
        case .kept(let time): throw .nameKept(for: time)
        case .holder: tunnels[name]?.takenOver()
        case .available: break
        case .unknown, .inUse: guard tunnels[name] == nil else { throw .nameInUse }
        }
        if isReplacing { stopCounting(leases.free(name)?.limitKey) }
        var logger = logger
        logger[metadataKey: "tunnel"] = "\(name)"
        logger.info("tunnel opened for \(client)\(claim == .holder ? " with its lease" : "")")
        let tunnel = ServerTunnel(subdomain: name, extensions: extensions, logger: logger, turns: turns) {
            [weak self] tunnel, end in self?.tunnelEnded(tunnel, end, of: key)
        }
        tunnels[name] = tunnel
        if let key { tunnelCounts[key, default: 0] += 1 }
        if let granted = tunnel.lease {
            leases.grant(name, granted, former: claim == .holder ? secret : nil, for: key)
            tunnel.onFirstPing = { [weak self] in self?.leases.confirm(name) }
        }
        return tunnel
    }

    private func freeName() -> Subdomain {
        while true {
            let name = Subdomain.random(using: &generator)
            if tunnels[name] == nil, !leases.isKnown(name), !reservedNames.contains(name) { return name }
        }
    }

    private func tunnelEnded(_ tunnel: ServerTunnel, _ end: LinkEnd, of key: IPAddress?) {
        let name = tunnel.subdomain
        tunnels[name] = nil
        guard tunnel.lease != nil, !end.isIntended else {
            leases.free(name)
            stopCounting(key)
            letVisitorsGoOn(to: name)
            return
        }
        tunnel.logger.debug("the name is kept for its client")
        if let freed = leases.lose(name, at: eventLoop.now) { noteFreed(freed) }
        scheduleLeaseCheck()
    }

    private func noteFreed(_ freed: NameLeases.Freed) {
        stopCounting(freed.limitKey)
        letVisitorsGoOn(to: freed.name)
    }

    private func stopCounting(_ key: IPAddress?) {
        guard let key, let count = tunnelCounts[key] else { return }
        tunnelCounts[key] = count > 1 ? count - 1 : nil
    }

    /// All names are kept for the same time, so a check that is already due comes before that of a name that is lost
    /// now.
    private func scheduleLeaseCheck() {
        guard leaseTimer == nil, let deadline = leases.nextExpiry else { return }
        leaseTimer = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in
            guard let self else { return }
            self.leaseTimer = nil
            for freed in self.leases.freeExpired(at: self.eventLoop.now) { self.noteFreed(freed) }
            self.scheduleLeaseCheck()
        }
    }

    // MARK: Visitors of tunnels that lost their links

    /// Whether a request for this name has to wait, either for the client to come back or behind other requests that
    /// wait.
    func isAwaited(_ name: Subdomain) -> Bool {
        !isStopping && (tunnels[name] == nil ? leases.isKept(name) : waiting.include(name))
    }

    /// Makes a visitor wait until the tunnel is back or its name is free. Returns false if no more visitors may wait.
    func awaitTunnel(_ name: Subdomain, _ visitor: VisitorConversation) -> Bool { waiting.append(visitor, for: name) }

    func stopAwaiting(_ name: Subdomain, _ visitor: VisitorConversation) { waiting.remove(visitor, for: name) }

    /// Lets the waiting requests continue in order of arrival, once the tunnel's greeting was sent or its name is free.
    func letVisitorsGoOn(to name: Subdomain) {
        // The link may already be lost again.
        guard tunnels[name] != nil || !leases.isKept(name) else { return }
        for visitor in waiting.takeAll(for: name) { visitor.tunnelWaitEnded() }
    }

    /// Accepts no new requests, and ends all tunnels once the answers under way are complete or the deadline is
    /// reached.
    func stop(deadline: NIODeadline) -> EventLoopFuture<Void> {
        isStopping = true
        leaseTimer?.cancel()
        for visitor in waiting.takeAll() { visitor.tunnelWaitEnded() }
        let stopped = eventLoop.makePromise(of: Void.self)
        finishStop(deadline, stopped)
        return stopped.futureResult
    }

    private func finishStop(_ deadline: NIODeadline, _ stopped: EventLoopPromise<Void>) {
        guard eventLoop.now < deadline, tunnels.values.contains(where: \.isAnswerDue) else {
            for tunnel in tunnels.values { tunnel.stop() }
            refusals.stop()
            stopped.succeed()
            return
        }
        eventLoop.assumeIsolated().scheduleTask(in: Self.stopCheck) { self.finishStop(deadline, stopped) }
    }

    /// Replaces a visitor's handler with NIO's HTTP server, because the connection is for one of the server's own
    /// endpoints.
    func serveEndpoints(on context: ChannelHandlerContext, replacing visitor: VisitorHandler, _ bytes: ByteBuffer) {
        let channel = context.channel
        let pipeline = context.pipeline
        let endpoints = ServerEndpoints(server: self)
        let handler = EndpointHandler(endpoints)
        do {
            let upgrader = LinkServerUpgrader(endpoints, eventLoop: eventLoop)
            let handlerBound = NIOLoopBound(handler, eventLoop: eventLoop)
            try pipeline.syncOperations.configureHTTPServerPipeline(
                withPipeliningAssistance: true,
                withServerUpgrade: (
                    upgraders: [upgrader],
                    completionHandler: { context in
                        context.pipeline.syncOperations.removeHandler(handlerBound.value, promise: nil)
                    }
                ),
                withErrorHandling: true
            )
            try pipeline.syncOperations.addHandler(handler)
        } catch {
            channel.close(promise: nil)
            return
        }
        // The new handlers come after the visitor's handler in the pipeline. It passes them the bytes that it held and
        // is then removed.
        context.fireChannelRead(NIOAny(bytes))
        context.fireChannelReadComplete()
        pipeline.syncOperations.removeHandler(visitor, promise: nil)
        channel.read()
    }
}
