import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL
import TPoTNetwork
import TPoTTraffic
import TPoTWire

/// The client: keeps a tunnel to the server up, from ``start()`` to ``stop(drain:)``.
///
/// What happens is published on the bus. May be called from any thread; all work is done on one event loop.
package final class TunnelClient: Sendable {
    private let eventLoop: any EventLoop
    private let loop: NIOLoopBound<ReconnectLoop>
    private let target: TargetAddress
    private let refused: NIOLockedValueBox<Int>

    /// Completes when the client has stopped: with nil when it was asked to, else with why it gave up.
    package let outcome: EventLoopFuture<ConnectFailure?>
    /// The public URL, once the first tunnel is up; fails when the client stops before.
    package let firstURL: EventLoopFuture<String>

    /// Reads certificate files: not on an event loop. Throws ``TrustFailure``.
    package static func make(
        _ configuration: TunnelClientConfiguration,
        bus: TrafficBus,
        logger: Logger,
        eventLoop: any EventLoop
    ) throws -> EventLoopFuture<TunnelClient> {
        let serverTLS = configuration.server.isTLS ? try configuration.serverTrust.makeContext() : nil
        let targetTLS = configuration.target.isTLS ? try configuration.targetTrust.makeContext() : nil
        return eventLoop.submit {
            TunnelClient(configuration, serverTLS, targetTLS, bus: bus, logger: logger, eventLoop: eventLoop)
        }
    }

    private init(
        _ configuration: TunnelClientConfiguration,
        _ serverTLS: NIOSSLContext?,
        _ targetTLS: NIOSSLContext?,
        bus: TrafficBus,
        logger: Logger,
        eventLoop: any EventLoop
    ) {
        self.eventLoop = eventLoop
        target = configuration.target
        let outcome = eventLoop.makePromise(of: ConnectFailure?.self)
        self.outcome = outcome.futureResult
        let firstURL = eventLoop.makePromise(of: String.self)
        self.firstURL = firstURL.futureResult
        let host = configuration.hostRewrite.host(of: configuration.target)
        let tunnel = ClientTunnel(
            eventLoop: eventLoop,
            bus: bus,
            logger: logger,
            requestEdit: RequestEdit(
                host: host.map { ByteBuffer(string: $0) },
                addsForwarded: configuration.forwardedHeaders,
                publicScheme: configuration.server.scheme.rawValue
            ),
            wording: configuration.wording,
            connector: TargetConnector(
                target: configuration.target,
                tls: targetTLS,
                eventLoop: eventLoop,
                logger: logger
            )
        )
        refused = tunnel.requestsRefused
        let connector = ServerConnector(
            configuration: configuration,
            tls: serverTLS,
            eventLoop: eventLoop,
            logger: logger,
            lease: NIOLoopBoundBox(HeldLease(), eventLoop: eventLoop)
        )
        loop = NIOLoopBound(
            ReconnectLoop(
                configuration: configuration,
                tunnel: tunnel,
                connector: { connector.connect(asking: $0, $1) },
                logger: logger,
                outcome: outcome,
                firstURL: firstURL
            ),
            eventLoop: eventLoop
        )
    }

    package func start() {
        eventLoop.execute { self.loop.value.start() }
    }

    /// Stops: at once, or after at most `drain` for the answers that are under way. Requests that are held are refused, and
    /// conversations after an upgrade are not waited for. A second call stops at once.
    package func stop(drain: TimeAmount = .zero) {
        eventLoop.execute { self.loop.value.stop(drain: drain) }
    }

    /// How many requests were held when the client was asked to stop, and so were refused.
    package var requestsRefused: Int { refused.withLockedValue { $0 } }

    /// Makes all visitors' bytes wait until ``release()``; answers under way go on.
    package func hold() {
        eventLoop.execute { self.loop.value.tunnel.hold() }
    }

    package func release() {
        eventLoop.execute { self.loop.value.tunnel.release() }
    }

    /// Sends a captured request to the target again, one after the other; each becomes a conversation of its own.
    ///
    /// - Parameters:
    ///   - request: head and body as they go to the target.
    ///   - exchange: the number of the exchange that is replayed.
    package func replay(_ request: ByteBuffer, of exchange: UInt64, times: Int = 1) {
        eventLoop.execute { self.loop.value.tunnel.replay(request, of: exchange, times: times) }
    }

    /// Finds out whether the target is there. One on this machine that listens is left alone; any other is connected to,
    /// and sent nothing but a TLS handshake where it speaks TLS. Takes ten seconds at most for each address.
    /// - Returns: nil when it can, else why not.
    package func probeTarget() -> EventLoopFuture<NetworkCause?> {
        let target = self.target
        let listening = NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) {
            !target.isTLS && ListeningSockets.include(target)
        }
        return listening.flatMap { isListening in
            isListening
                ? self.eventLoop.makeSucceededFuture(nil) : self.loop.value.tunnel.probeTarget()
        }
    }

    /// Ends one conversation; nothing happens if it is over.
    package func close(_ number: ConversationNumber) {
        eventLoop.execute { self.loop.value.tunnel.close(number) }
    }
}
