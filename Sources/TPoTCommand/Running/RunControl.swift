import NIOCore
import TPoTCapture
import TPoTControl
import TPoTDashboard
import TPoTInspect
import TPoTTraffic
import TPoTTunnel
import TPoTWire

/// What a run of `tpot http` shows and does for other programs.
struct RunControl: ControlService {
    let exchanges: ExchangeSource
    let words: ExchangeWriting
    let bus: TrafficBus
    private let client: TunnelClient
    private let history: HistoryWiring
    private let signing: ReplaySigning?
    /// What never changes.
    private let facts: ControlStatus
    private let api: @Sendable () -> String?

    /// - Parameter api: the URL of the API, once it is known.
    init(
        _ client: TunnelClient,
        _ store: CaptureStore,
        _ bus: TrafficBus,
        _ configuration: TunnelClientConfiguration,
        isEmbedded: Bool,
        mask: SecretMask,
        signing: ReplaySigning?,
        _ history: HistoryWiring,
        api: @escaping @Sendable () -> String?
    ) {
        self.client = client
        self.bus = bus
        self.history = history
        self.signing = signing
        self.api = api
        exchanges = ExchangeSource(store, history.saved, meaning: .inspection)
        words = .of(mask)
        var facts = ControlStatus()
        facts.process = ProcessContext.identifier
        facts.version = Tpot.version
        facts.name = configuration.subdomain?.name
        facts.target = "\(configuration.target)"
        facts.server = isEmbedded ? nil : "\(configuration.server)"
        facts.started = UTCTime.rfc3339(unixNanoseconds: store.clock.read().unixNanoseconds)
        self.facts = facts
    }

    func status() -> ControlStatus {
        let store = exchanges.store
        let (totals, tunnel) = store.read { ($0.totals(), $0.tunnel) }
        let now = store.clock.read()
        var status = facts
        status.url = tunnel.url
        status.name = facts.name ?? tunnel.url.flatMap(Self.name)
        switch tunnel.state {
        case .starting: status.state = .starting
        case .connecting: status.state = .connecting
        case .online: status.state = .online
        case .reconnecting(_, _, let reason): (status.state, status.reason) = (.reconnecting, reason)
        case .stopped(let reason): (status.state, status.reason) = (.stopped, reason)
        }
        status.since = tunnel.since.map { UTCTime.rfc3339(unixNanoseconds: now.unixNanoseconds(at: $0)) }
        status.isHolding = tunnel.isHolding
        status.heldFilter = tunnel.heldFilter
        switch tunnel.target {
        case .unknown: break
        case .up: status.isTargetUp = true
        case .down(_, let reason): (status.isTargetUp, status.targetReason) = (false, reason)
        }
        status.isPersistent = history.isOn && store.isSaving
        status.api = api()
        status.requests = totals.requests
        status.failed = totals.failed
        status.waiting = totals.waiting
        status.open = totals.open
        status.bytesIn = totals.bytesIn
        status.bytesOut = totals.bytesOut
        status.lostEvents = totals.lost
        return status
    }

    /// The first label of a URL's host.
    private static func name(_ url: String) -> String? {
        let host = url.split(separator: "/").dropFirst().first
        return host?.split(separator: ".").first.map(String.init)
    }

    func hold(_ text: String?) throws(ControlRefusal) {
        guard let text, !text.isEmpty else { return client.hold() }
        guard !exchanges.store.tunnel.isHolding else {
            throw ControlRefusal(.conflict, "a hold is on already; release it first")
        }
        do throws(HeadFilter.Mistake) {
            let filter = try HeadFilter(text)
            client.hold(matching: HoldFilter(filter.text) { filter.matches($0, $1) })
        } catch {
            throw ControlRefusal(.badRequest, "filter: \(error.text)")
        }
    }

    func release() { client.release() }

    func stop() { client.stop(drain: HTTPCommandRunner.drain) }

    func replay(_ exchange: CapturedExchange) throws(ControlRefusal) {
        do throws(ReplayRefusal) {
            let request = SignedReplay(
                try ReplayRequest.bytes(of: exchange),
                of: exchange,
                signing,
                publicURL: exchanges.store.tunnel.url,
                at: exchanges.store.clock.read().unixNanoseconds
            )
            client.replay(ByteBuffer(bytes: request.bytes), of: exchange.number)
        } catch {
            throw ControlRefusal(.conflict, "\(exchange.number) is not replayed: \(error.text)")
        }
    }
}

extension ExchangeWriting {
    /// As the commands write exchanges.
    static func of(_ mask: SecretMask) -> ExchangeWriting {
        ExchangeWriting(
            meaning: .inspection,
            json: { ExchangeJSON.line($0, mask).dropLast() },
            detail: { ShownJSON.line($0, ShownParts(), mask).dropLast() },
            text: { Array(ExchangeText.line($0, mask).utf8) },
            head: { mask.head($0) }
        )
    }
}
