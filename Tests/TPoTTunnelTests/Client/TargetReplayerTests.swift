import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import TPoTNetwork
import TPoTTraffic
import TPoTWire
import TestSupport
import Testing

@testable import TPoTTunnel

/// Captured requests that are sent to a real target without a tunnel.
@Suite(.timeLimit(.minutes(1))) struct TargetReplayerTests {
    private struct PlainWording: FailureWording {
        func text(_ failure: ConnectFailure) -> String { "\(failure)" }
        func text(ofTarget cause: NetworkCause) -> String { "\(cause)" }
    }

    private static let request = ByteBuffer(string: "POST /hook HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
    private let bus = TrafficBus(bodyLimit: 1024)

    private func replayer(port: Int, atOnce: Int = 16) throws -> TargetReplayer {
        try TargetReplayer(
            target: TargetAddress("127.0.0.1:\(port)"),
            wording: PlainWording(),
            bus: bus,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
            atOnce: atOnce
        )
    }

    private func origins(_ events: [TrafficEvent]) -> [ConversationOrigin] {
        events.compactMap { if case .opened(let origin) = $0.kind { origin } else { nil } }
    }

    private func ends(_ events: [TrafficEvent]) -> [ConversationEnd] {
        events.compactMap { if case .closed(let end) = $0.kind { end } else { nil } }
    }

    @Test func allReplaysAreOverWhenItSaysSo() async throws {
        let target = try await Targets.echo()
        let replayer = try replayer(port: target.port)
        try await replayer.replay(Self.request, of: 7, times: 3).get()
        let events = bus.drain().events
        #expect(origins(events) == Array(repeating: .replay(of: 7, batch: 1), count: 3))
        #expect(ends(events) == Array(repeating: .targetClosed(complete: true), count: 3))
        try await replayer.replay(Self.request, of: 8).get()
        #expect(origins(bus.drain().events) == [.replay(of: 8)])
        try await replayer.replay(Self.request, of: 9, times: 0).get()
        #expect(bus.drain().events.isEmpty)
    }

    @Test func aTargetThatRefusesEndsEachOfThem() async throws {
        let replayer = try replayer(port: try RefusedPort.take())
        try await replayer.replay(Self.request, of: 7, times: 500).get()
        #expect(ends(bus.drain().events) == Array(repeating: .targetNotConnected, count: 500))
    }

    @Test func noMoreAreUnderWayThanTheLimit() async throws {
        let target = try await RawListener.start()
        let replayer = try replayer(port: target.port, atOnce: 2)
        let all = (1...3).map { replayer.replay(Self.request, of: $0) }
        let first = try await target.next()
        let second = try await target.next()
        _ = try await (first.readMessage(), second.readMessage())
        #expect(origins(bus.drain().events) == [.replay(of: 1), .replay(of: 2)], "the third one waits")
        first.send(Targets.answer("one"))
        let third = try await target.next()
        _ = try await third.readMessage()
        for peer in [second, third] { peer.send(Targets.answer("more")) }
        for future in all { try await future.get() }
        #expect(ends(bus.drain().events).count == 3)
    }

    @Test func stoppingEndsThemAll() async throws {
        let target = try await RawListener.start()
        let replayer = try replayer(port: target.port, atOnce: 1)
        let first = replayer.replay(Self.request, of: 1, times: 5)
        let second = replayer.replay(Self.request, of: 2)
        _ = try await target.next().readMessage()
        replayer.stop()
        try await first.get()
        try await second.get()
        #expect(ends(bus.drain().events) == [.closedByUser], "what waited was never begun")
    }
}
