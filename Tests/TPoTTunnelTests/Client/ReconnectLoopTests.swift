import Logging
import NIOCore
import NIOEmbedded
import TPoTNetwork
import TPoTTraffic
import TPoTWire
import Testing

@testable import TPoTTunnel

/// When the client connects and when it stops, on a clock that the test moves. The test decides the result of each
/// attempt, and has the server's end of each link.
@Suite struct ReconnectLoopTests {
    private struct PlainWording: FailureWording {
        func text(_ failure: ConnectFailure) -> String { "\(failure)" }
        func text(ofTarget cause: NetworkCause) -> String { "\(cause)" }
    }

    private struct Attempt {
        let name: Subdomain
        let link: TunnelLink
        let channel: EmbeddedChannel
        let server: LinkUnderTest
        let connected: EventLoopPromise<any Channel>
    }

    private final class Client {
        let eventLoop = EmbeddedEventLoop()
        let tunnel: ClientTunnel
        private(set) var attempts: [Attempt] = []
        /// Why the loop gave up; nil inside if it was asked to stop. The outer value is nil while it runs.
        private(set) var outcome: ConnectFailure??

        private let bus = TrafficBus()
        private var loop: ReconnectLoop?

        init(name: String? = "shop", waits: Bool = false) throws {
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let target = try TargetAddress("localhost:1")
            var configuration = TunnelClientConfiguration(
                server: try ServerAddress("http://tunnel.test"),
                target: target,
                wording: PlainWording()
            )
            configuration.subdomain = try name.map { try #require(Subdomain($0)) }
            configuration.waitsForServer = waits
            tunnel = ClientTunnel(
                eventLoop: eventLoop,
                bus: bus,
                logger: logger,
                requestEdit: RequestEdit(host: nil, addsForwardedHeaders: false, publicScheme: "http"),
                wording: PlainWording(),
                connector: TargetConnector(target: target, tls: nil, eventLoop: eventLoop, logger: logger)
            )
            let stopped = eventLoop.makePromise(of: ConnectFailure?.self)
            let firstURL = eventLoop.makePromise(of: String.self)
            loop = ReconnectLoop(
                configuration: configuration,
                tunnel: tunnel,
                connector: { [unowned self] name, link in connect(name, link) },
                logger: logger,
                outcome: stopped,
                firstURL: firstURL
            )
            stopped.futureResult.assumeIsolated().whenSuccess { [unowned self] in outcome = .some($0) }
            loop?.start()
        }

        private func connect(_ name: Subdomain, _ link: TunnelLink) -> EventLoopFuture<any Channel> {
            let connected = eventLoop.makePromise(of: (any Channel).self)
            do {
                let server = try LinkUnderTest(.server, loop: eventLoop)
                let channel = EmbeddedChannel(loop: eventLoop)
                try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
                attempts.append(
                    Attempt(name: name, link: link, channel: channel, server: server, connected: connected)
                )
            } catch {
                connected.fail(error)
            }
            return connected.futureResult
        }

        var latest: Attempt { get throws { try #require(attempts.last) } }

        /// Turns the latest attempt into a WebSocket.
        func upgrade() throws {
            let attempt = try latest
            // The handshake also ignores the error if the connection has gone meanwhile.
            try? attempt.channel.pipeline.syncOperations.addHandler(attempt.link)
            attempt.connected.succeed(attempt.channel)
            eventLoop.run()
        }

        /// Turns the latest attempt into a tunnel.
        func greet(as name: String? = nil) throws {
            try upgrade()
            let given = try name.map { try #require(Subdomain($0)) } ?? latest.name
            try latest.server.link.sender.send(.greeting(given))
            try carry()
        }

        func fail(_ failure: ConnectFailure) throws {
            try latest.connected.fail(failure)
            eventLoop.run()
        }

        func lose() throws {
            try latest.channel.close().wait()
            eventLoop.run()
        }

        func stop(drain: TimeAmount = .zero) { loop?.stop(drain: drain) }

        /// Ends what is under way: every promise must be fulfilled.
        func finish() {
            stop()
            for attempt in attempts { attempt.connected.fail(ConnectFailure.stopped) }
            eventLoop.run()
        }

        func advance(by time: TimeAmount) { eventLoop.advanceTime(by: time) }

        /// Carries bytes over the latest link in both directions until there are none.
        func carry() throws {
            let attempt = try latest
            while true {
                eventLoop.run()
                var up: [ByteBuffer] = []
                while let bytes = try attempt.channel.readOutbound(as: ByteBuffer.self) { up.append(bytes) }
                let down = try attempt.server.written()
                if up.isEmpty, down.isEmpty { return }
                for bytes in up { try attempt.server.receive(bytes) }
                for bytes in down where attempt.channel.isActive { try attempt.channel.writeInbound(bytes) }
            }
        }

        func events() -> [TrafficEvent] { bus.drain().events }

        /// The tunnel statuses that were published since the last call.
        func statuses() -> [TunnelStatus] {
            bus.drain().events.compactMap { if case .tunnel(let status) = $0.kind { status } else { nil } }
        }

        /// The delay before the next attempt, as it was published.
        func delay() throws -> TimeAmount {
            guard case .reconnecting(_, let delay, _)? = statuses().last else { throw NotWaiting() }
            return delay
        }

        private struct NotWaiting: Error {}
    }

    private static let moment = TimeAmount.milliseconds(1)
    private static let unreachable = ConnectFailure.notConnected(.unreachable(.server, .noAnswer))
    private static let noGreeting = ConnectFailure.protocolError("it opened a WebSocket and then sent no greeting")

    // MARK: Up and down

    @Test func theGreetingBringsTheTunnelUp() throws {
        let client = try Client()
        defer { client.finish() }
        #expect(try client.latest.name == Subdomain("shop"))
        #expect(client.statuses() == [.connecting(attempt: 1)])
        try client.greet()
        #expect(client.statuses() == [.online(url: "http://shop.tunnel.test")])
        client.advance(by: ReconnectLoop.greetingTimeout * 2)
        try client.carry()
        #expect(client.attempts.count == 1)
        #expect(try client.latest.channel.isActive)
    }

    @Test func aServerWithoutAGreetingIsAFailure() throws {
        let client = try Client()
        defer { client.finish() }
        try client.upgrade()
        client.advance(by: ReconnectLoop.greetingTimeout - Self.moment)
        #expect(client.outcome == nil)
        client.advance(by: Self.moment)
        #expect(client.outcome == .some(.some(Self.noGreeting)))
        try client.carry()
        #expect(try client.latest.server.witness.ends == [.closedByPeer(code: 4180, reason: "no greeting")])
    }

    @Test func theFirstFailureEndsTheClientUnlessItWaits() throws {
        let client = try Client()
        defer { client.finish() }
        try client.fail(Self.unreachable)
        #expect(client.outcome == .some(.some(Self.unreachable)))
        let patient = try Client(waits: true)
        defer { patient.finish() }
        try patient.fail(Self.unreachable)
        #expect(patient.outcome == nil)
        patient.advance(by: try patient.delay())
        #expect(patient.attempts.count == 2)
    }

    @Test func eachFailureIsFollowedByALongerWait() throws {
        let client = try Client()
        defer { client.finish() }
        try client.greet()
        try client.lose()
        var expected = ReconnectPolicy.firstDelay
        for attempt in 2...5 {
            let delay = try client.delay()
            // The delay is spread by a quarter either way.
            #expect(4 * delay >= 3 * expected && 4 * delay <= 5 * expected)
            client.advance(by: delay - .nanoseconds(1))
            #expect(client.attempts.count == attempt - 1)
            client.advance(by: .nanoseconds(1))
            #expect(client.attempts.count == attempt)
            try client.fail(Self.unreachable)
            expected = expected * 2
        }
        // After a tunnel that was up for long enough, the delays start over.
        client.advance(by: try client.delay())
        try client.greet()
        client.advance(by: ReconnectPolicy.goodLife)
        try client.lose()
        #expect(try 4 * client.delay() <= 5 * ReconnectPolicy.firstDelay)
        #expect(client.outcome == nil)
    }

    @Test(arguments: ["shop", nil]) func theSameNameIsRequestedAgain(asked: String?) throws {
        let client = try Client(name: asked)
        defer { client.finish() }
        // Some servers give another name than the one that was drawn.
        try client.greet(as: asked ?? "given")
        try client.lose()
        client.advance(by: try client.delay())
        #expect(try client.latest.name == Subdomain(asked ?? "given"))
    }

    @Test func aKeptNameIsRequestedOnceItIsFree() throws {
        let client = try Client()
        defer { client.finish() }
        try client.greet()
        try client.lose()
        client.advance(by: try client.delay())
        try client.fail(.subdomainKept("the name is kept", .seconds(7)))
        let delay = try client.delay()
        #expect(delay >= .seconds(7) && delay <= .seconds(7) + ReconnectPolicy.firstDelay)
        client.advance(by: delay)
        #expect(client.attempts.count == 3)
        #expect(try client.latest.name == Subdomain("shop"))
    }

    @Test func aClientWhoseNameWasTakenOverStops() throws {
        let client = try Client()
        defer { client.finish() }
        try client.latest.link.extensions = [.lease]
        try client.greet()
        try client.latest.server.link.close(code: LinkEnd.takenOverCode, reason: "", end: .takenOver)
        try client.carry()
        #expect(client.outcome == .some(.some(.lost(.takenOver))))
        client.advance(by: .minutes(10))
        #expect(client.attempts.count == 1)
    }

    // MARK: Stopping

    @Test func aStopWhileItConnectsClosesTheConnectionThatComes() throws {
        let client = try Client()
        defer { client.finish() }
        client.stop(drain: .seconds(10))
        #expect(client.outcome == .some(nil))
        #expect(client.statuses() == [.connecting(attempt: 1), .stopped(reason: "asked to stop")])
        try client.upgrade()
        #expect(try !client.latest.channel.isActive)
        client.advance(by: .minutes(10))
        #expect(client.attempts.count == 1)
        #expect(client.statuses() == [])
    }

    @Test func aStopWhileItWaitsEndsTheWait() throws {
        let client = try Client(waits: true)
        defer { client.finish() }
        try client.fail(Self.unreachable)
        client.stop()
        #expect(client.outcome == .some(nil))
        client.advance(by: .minutes(10))
        #expect(client.attempts.count == 1)
    }

    @Test func aStopSaysGoodbye() throws {
        let client = try Client()
        defer { client.finish() }
        try client.greet()
        client.stop()
        try client.carry()
        #expect(client.outcome == .some(nil))
        #expect(try client.latest.server.witness.ends == [.closedByPeer(code: 1000, reason: "")])
    }

    /// Sends part of an answer that its visitor does not accept yet.
    private func answerUnderWay(_ client: Client) throws -> LinkFlow {
        let sender = try #require(client.tunnel.sender)
        let flow = LinkFlow(id: 1)
        sender.setPaused(true, flow)
        sender.send(ByteBuffer(string: "answer"), flow)
        try client.carry()
        return flow
    }

    @Test func aDrainEndsWhenTheAnswersAreOut() throws {
        let client = try Client()
        defer { client.finish() }
        try client.greet()
        let flow = try answerUnderWay(client)
        client.stop(drain: .seconds(20))
        client.advance(by: .seconds(5))
        #expect(client.outcome == nil)
        client.tunnel.sender?.setPaused(false, flow)
        try client.carry()
        client.advance(by: ReconnectLoop.drainCheck)
        #expect(client.outcome == .some(nil))
        #expect(try client.latest.server.witness.messages == [.data(1, ByteBuffer(string: "answer"))])
    }

    @Test func aDrainEndsInTime() throws {
        let client = try Client()
        defer { client.finish() }
        try client.greet()
        _ = try answerUnderWay(client)
        client.stop(drain: .seconds(20))
        client.advance(by: .seconds(20) - Self.moment)
        #expect(client.outcome == nil)
        client.advance(by: Self.moment)
        #expect(client.outcome == .some(nil))
    }

    @Test func aSecondStopDoesNotWait() throws {
        let client = try Client()
        defer { client.finish() }
        try client.greet()
        _ = try answerUnderWay(client)
        client.stop(drain: .seconds(20))
        #expect(client.outcome == nil)
        client.stop(drain: .seconds(20))
        #expect(client.outcome == .some(nil))
    }

    @Test func aTunnelThatIsLostWhileItDrainsIsNotOpenedAgain() throws {
        let client = try Client()
        defer { client.finish() }
        try client.greet()
        _ = try answerUnderWay(client)
        client.stop(drain: .seconds(20))
        try client.lose()
        #expect(client.outcome == .some(nil))
        client.advance(by: .minutes(10))
        #expect(client.attempts.count == 1)
    }

    /// What is printed of conversations comes before the line that says that the tunnel has stopped.
    @Test func conversationsEndBeforeTheTunnelIsReportedAsStopped() throws {
        let client = try Client()
        try client.greet()
        let visitor = RemoteAddress(ip: 1, port: 1)
        // A held conversation does not connect to its target.
        client.tunnel.hold()
        try client.latest.server.link.sender.send(.openHTTP(1, visitor))
        try client.carry()
        _ = client.events()
        client.stop()
        let kinds = client.events().map(\.kind)
        let end = kinds.firstIndex { if case .closed(.tunnelLost) = $0 { true } else { false } }
        let stopped = kinds.firstIndex { if case .tunnel(.stopped) = $0 { true } else { false } }
        #expect(try #require(end) < #require(stopped))
        client.finish()
    }
}
