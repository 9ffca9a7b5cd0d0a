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
/// It publishes all events on the bus. Any thread may call it; all work is done on one event loop.
package final class TunnelClient: Sendable {
    private let eventLoop: any EventLoop
    private let loop: NIOLoopBound<ReconnectLoop>
    private let target: TargetAddress
    private let refused: NIOLockedValueBox<Int>

    /// Completes when the client has stopped: with nil if it was asked to stop, else with the reason why it gave up.
    package let outcome: EventLoopFuture<ConnectFailure?>
    /// The public URL, once the first tunnel is up. Fails if the client stops before that.
    package let firstURL: EventLoopFuture<String>

    /// Makes a client. It reads certificate files, so it must not be called on an event loop. Throws ``TrustFailure``.
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
                addsForwardedHeaders: configuration.addsForwardedHeaders,
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

    /// Stops at once, or after waiting up to `drain` for the answers under way. It refuses requests that are held, and
    /// does not wait for conversations after an upgrade. A second call stops at once.
    package func stop(drain: TimeAmount = .zero) {
        eventLoop.execute { self.loop.value.stop(drain: drain) }
    }

    /// How many held requests were refused because the client was asked to stop.
    package var requestsRefused: Int { refused.withLockedValue { $0 } }

    /// Makes all bytes from visitors wait until ``release()``. Answers under way go on.
    package func hold() {
        eventLoop.execute { self.loop.value.tunnel.hold() }
    }

    /// Makes the requests that match wait, and what comes after them on the same connection, until ``release()``. It has no
    /// effect while another hold is on.
    package func hold(matching filter: HoldFilter) {
        eventLoop.execute { self.loop.value.tunnel.hold(filter) }
    }

    /// Lets one held request go on; nothing happens if it does not wait any more.
    package func letGo(_ id: HeldRequestID) {
        eventLoop.execute { self.loop.value.tunnel.letGo(id) }
    }

    /// Answers one held request with this status (200 to 599) after all earlier answers, and closes its connection.
    package func refuse(_ id: HeldRequestID, status: Int) {
        eventLoop.execute { self.loop.value.tunnel.refuse(id, status: status) }
    }

    /// Lets one held request go on as edited.
    /// - Parameter request: head and body as they are sent to the target.
    /// - Returns: why it still waits as it was; nil on success.
    package func letGo(_ id: HeldRequestID, as request: ByteBuffer) -> EventLoopFuture<HeldEditRefusal?> {
        eventLoop.submit {
            do throws(HeldEditRefusal) {
                try self.loop.value.tunnel.replace(id, with: request)
                return nil
            } catch {
                return error
            }
        }
    }

    package func release() {
        eventLoop.execute { self.loop.value.tunnel.release() }
    }

    /// Sends a captured request to the target `times` times, one after the other. Each time is its own conversation.
    ///
    /// - Parameters:
    ///   - request: head and body as they are sent to the target.
    ///   - exchange: the number of the replayed exchange.
    package func replay(_ request: ByteBuffer, of exchange: UInt64, times: Int = 1) {
        eventLoop.execute { self.loop.value.tunnel.replay(request, of: exchange, times: times) }
    }

    /// Finds out whether the target can be reached. It takes at most ten seconds for each address.
    ///
    /// A target without TLS that listens on this machine is not connected to. Any other target is connected to and
    /// receives nothing but a TLS handshake, if it speaks TLS.
    /// - Returns: nil if the target can be reached, else the reason why not.
    package func probeTarget() -> EventLoopFuture<NetworkCause?> {
        let target = self.target
        let listening = NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) {
            !target.isTLS && ListeningSockets.include(target)
        }
        return listening.flatMap { isListening in
            let tunnel = self.loop.value.tunnel
            guard isListening else { return tunnel.probeTarget() }
            tunnel.noteTarget(nil)
            return self.eventLoop.makeSucceededFuture(nil)
        }
    }

    /// Ends one conversation; nothing happens if it is over.
    package func close(_ number: ConversationNumber) {
        eventLoop.execute { self.loop.value.tunnel.close(number) }
    }
}
