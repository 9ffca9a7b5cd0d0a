import NIOCore
import TPoTCapture
import TestSupport
import Testing

/// A captured request that is sent to the target again.
@Suite(.timeLimit(.minutes(3))) struct ReplayTests {
    private static let request = ByteBuffer(string: "POST /hook HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")

    /// Replays the request and returns the exchange that the capture sees.
    private static func exchange(of tunnel: Tunnel) async throws -> CapturedExchange? {
        let store = testStore()
        let events = TunnelEvents(tunnel.bus)
        tunnel.client.replay(request, of: 7)
        while true {
            let event = try await events.next { _ in true }
            store.consume([event])
            if case .closed = event.kind { return store.detail(1) }
        }
    }

    @Test func aReplayIsAnExchangeOfItsOwn() async throws {
        let target = try await Targets.echo()
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let exchange = try #require(try await Self.exchange(of: tunnel))
        #expect(exchange.exchange.replayOf == 7)
        #expect(exchange.exchange.state == .finished)
        #expect(text(exchange.responseBody.bytes).hasPrefix("POST /hook HTTP/1.1"))
        try await tunnel.stop()
    }

    /// The target keeps its connection open. The replay must not wait for more bytes.
    @Test func aReplayWithAnUnreadableAnswerEnds() async throws {
        let head = "HTTP/1.1 201 Created\r\nX: \(String(repeating: "x", count: 70_000))\r\nContent-Length: 0\r\n\r\n"
        let target = try await Targets.fixed(head)
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let exchange = try #require(try await Self.exchange(of: tunnel))
        #expect(exchange.exchange.status == 201)
        #expect(exchange.exchange.state == .aborted(.answerUnread(.headTooLarge)))
        #expect(text(exchange.responseBody.bytes).hasPrefix("HTTP/1.1 201 Created\r\nX: xxx"))
        try await tunnel.stop()
    }

    /// People replay requests while they fix the target, so it may be down.
    @Test func aReplayWithoutATargetIsAnExchangeToo() async throws {
        let target = try await RawListener.start()
        try await target.stop()
        let tunnel = try await Tunnel.start(target: "127.0.0.1:\(target.port)")
        let exchange = try #require(try await Self.exchange(of: tunnel))
        #expect(exchange.exchange.replayOf == 7)
        let reason = "127.0.0.1:\(target.port): connection refused; start it, or name another"
        #expect(exchange.exchange.state == .aborted(.targetNotConnected(reason)))
        #expect(text(exchange.exchange.target) == "/hook")
        #expect(exchange.replayRefusal == nil, "it can be sent again when the target is back")
        try await tunnel.stop()
    }
}
