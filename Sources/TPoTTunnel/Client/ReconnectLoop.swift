import Logging
import NIOCore
import TPoTWire

/// Connects, notices failures, and connects again as the ``ReconnectPolicy`` decides. Lives on one event loop.
final class ReconnectLoop {
    /// How often a stop checks whether the answers under way are done.
    static let drainCheck = TimeAmount.milliseconds(20)
    /// How long to wait for the greeting, which a TPoT server sends together with its answer. A server that sends none is
    /// some other WebSocket server.
    static let greetingTimeout = TimeAmount.seconds(5)

    /// Connects to the server and asks for a name. Adds the link to the connection's pipeline once the server has
    /// agreed. Fails with ``ConnectFailure``.
    typealias Connector = (_ asking: Subdomain, TunnelLink) -> EventLoopFuture<any Channel>

    let tunnel: ClientTunnel

    private let configuration: TunnelClientConfiguration
    private let connector: Connector
    private let logger: Logger
    private let outcome: EventLoopPromise<ConnectFailure?>
    private let firstURL: EventLoopPromise<String>
    private var policy: ReconnectPolicy
    private var isOnline = false
    private var retry: Scheduled<Void>?
    private var greetingTimer: Scheduled<Void>?
    private enum Phase { case running, draining, stopped }
    private var phase = Phase.running

    init(
        configuration: TunnelClientConfiguration,
        tunnel: ClientTunnel,
        connector: @escaping Connector,
        logger: Logger,
        outcome: EventLoopPromise<ConnectFailure?>,
        firstURL: EventLoopPromise<String>
    ) {
        self.configuration = configuration
        self.tunnel = tunnel
        self.connector = connector
        self.logger = logger
        self.outcome = outcome
        self.firstURL = firstURL
        policy = ReconnectPolicy(
            requested: configuration.subdomain,
            waits: configuration.waitsForServer,
            reconnects: configuration.reconnects,
            draw: {
                var generator = SystemRandomNumberGenerator()
                return .random(using: &generator)
            }
        )
        tunnel.onGreeting = { [weak self] in self?.greeted($0) }
        tunnel.onEnd = { [weak self] in self?.linkEnded($0) }
    }

    // MARK: Up

    /// From here on the client lives until it has stopped, even if nothing else retains it.
    func start() {
        outcome.futureResult.assumeIsolated().whenComplete { _ in self.retry?.cancel() }
        connect()
    }

    private func connect() {
        guard phase == .running else { return }
        tunnel.publish(.connecting(attempt: policy.nextAttempt))
        let link = TunnelLink(role: .client, owner: tunnel)
        // Attached before anything can arrive: the greeting may come together with the answer to the handshake.
        tunnel.attach(link)
        connector(policy.name, link).assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel):
                if self.phase != .running { channel.close(promise: nil) }
                self.awaitGreeting(link)
            case .failure(let error):
                self.failed(ConnectFailure(error))
            }
        }
    }

    private func awaitGreeting(_ link: TunnelLink) {
        guard !isOnline, phase == .running, tunnel.link === link else { return }
        greetingTimer = tunnel.eventLoop.assumeIsolated().scheduleTask(in: Self.greetingTimeout) {
            link.close(
                code: 4180,
                reason: "no greeting",
                end: .protocolError("it opened a WebSocket and then sent no greeting")
            )
        }
    }

    private func greeted(_ subdomain: Subdomain) {
        // The greeting may have been under way when the user stopped the client.
        guard phase == .running else { return }
        greetingTimer?.cancel()
        logger.debug("the server greets", metadata: ["tunnel": "\(subdomain)"])
        isOnline = true
        policy.online(as: subdomain, at: tunnel.eventLoop.now)
        let url = configuration.server.publicURL(for: subdomain)
        tunnel.publish(.online(url: url))
        firstURL.succeed(url)
    }

    // MARK: Down

    private func linkEnded(_ end: LinkEnd) {
        greetingTimer?.cancel()
        guard phase != .stopped else { return }
        guard phase == .running else {
            finish(nil)
            return
        }
        guard end != .takenOver else {
            finish(.lost(end))
            return
        }
        guard isOnline else {
            let failure: ConnectFailure =
                switch end {
                case .protocolError(let reason): .protocolError(reason)
                default: .lost(end)
                }
            failed(failure)
            return
        }
        isOnline = false
        switch policy.lost(at: tunnel.eventLoop.now, random: .random(in: 0..<1)) {
        case .giveUp:
            if case .protocolError(let reason) = end {
                finish(.protocolError(reason))
            } else {
                finish(.lost(end))
            }
        case .retry(let delay):
            tryAgain(in: delay, because: .lost(end))
        }
    }

    private func failed(_ failure: ConnectFailure) {
        guard phase != .stopped else { return }
        guard phase == .running else {
            finish(nil)
            return
        }
        let failure = configuration.subdomain == nil ? failure.ofDrawnName : failure
        switch policy.failed(failure, at: tunnel.eventLoop.now, random: .random(in: 0..<1)) {
        case .giveUp: finish(failure)
        case .retry(let delay): tryAgain(in: delay, because: failure)
        }
    }

    private func tryAgain(in delay: TimeAmount, because failure: ConnectFailure) {
        let reason = configuration.wording.text(failure)
        logger.debug("offline: \(reason)")
        tunnel.publish(.reconnecting(attempt: policy.nextAttempt, delay: delay, reason: reason))
        retry = tunnel.eventLoop.assumeIsolated().scheduleTask(in: delay) { self.connect() }
    }

    // MARK: Stopping

    func stop(drain: TimeAmount) {
        switch phase {
        case .running where drain > .zero && isOnline:
            phase = .draining
            tunnel.drain()
            waitForAnswers(until: tunnel.eventLoop.now + drain)
        case .running, .draining:
            close()
        case .stopped:
            break
        }
    }

    private func waitForAnswers(until deadline: NIODeadline) {
        guard phase == .draining else { return }
        tunnel.refuseHeld()
        guard tunnel.isBusy || tunnel.sender?.isSending == true, tunnel.eventLoop.now < deadline else {
            close()
            return
        }
        tunnel.eventLoop.assumeIsolated().scheduleTask(in: Self.drainCheck) { self.waitForAnswers(until: deadline) }
    }

    private func close() {
        guard phase != .stopped else { return }
        retry?.cancel()
        // Conversations end before the tunnel is reported as stopped.
        phase = .draining
        tunnel.link?.close(code: 1000, reason: "", end: .stopped)
        finish(nil)
    }

    private func finish(_ failure: ConnectFailure?) {
        guard phase != .stopped else { return }
        phase = .stopped
        greetingTimer?.cancel()
        if failure?.isForTheOwner != true {
            tunnel.publish(.stopped(reason: failure.map(configuration.wording.text) ?? "asked to stop"))
        }
        // This has an effect only if the promise was not fulfilled before.
        firstURL.fail(failure ?? .stopped)
        outcome.succeed(failure)
    }
}
