import NIOConcurrencyHelpers
import NIOCore
import TPoTCapture
import TestSupport
import Testing

@testable import TPoTControl

/// The stream of events.
@Suite(.timeLimit(.minutes(5))) struct ControlEventTests {
    private static let request = "GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n"

    @Test func eachExchangeThatEndsIsTold() async throws {
        let control = try await ControlUnderTest()
        let peer = try await control.connect()
        peer.send("GET /v1/events?filter=-path:/b HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let head = try await peer.read(through: "\n\n")
        #expect(head.hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"))
        #expect(!head.contains("Access-Control"))
        control.capture("/a", "/b", "/c")
        #expect(
            try await peer.read(through: "number\":3}\n\n").contains(
                "id: 1\ndata: {\"type\":\"exchange\",\"number\":1}\n\n"
            )
        )
        await control.stop()
    }

    @Test func aQuietStreamShowsThatItLives() async throws {
        let control = try await ControlUnderTest { $0.heartbeat = .milliseconds(50) }
        let peer = try await control.connect()
        peer.send(Self.request)
        for _ in 1...3 { try await peer.read(through: ": tpot\n\n") }
        await control.stop()
    }

    /// The events are urgent for the tunnel's feed only while somebody waits for them.
    @Test func withoutAListenerNothingIsDone() async throws {
        let control = try await ControlUnderTest()
        #expect(!control.service.bus.isUrgent)
        let peer = try await control.connect()
        peer.send(Self.request)
        try await peer.read(through: "\n\n")
        #expect(control.service.bus.isUrgent)
        peer.close()
        while control.service.bus.isUrgent { try await Task.sleep(for: .milliseconds(5)) }
        await control.stop()
    }

    @Test func aQueueIsBounded() {
        let queue = EventQueue(.all, .json)
        let content = CapturedExchange(head: [], from: .init(ip: 0, port: 0))
        for _ in 1...EventQueue.lineLimit + 5 { queue.take(content, [1]) }
        queue.lost(exchanges: 2, events: 3)
        let text = queue.take().map { String(buffer: $0) } ?? ""
        #expect(text.utf8.count { $0 == 1 } == EventQueue.lineLimit)
        #expect(text.hasSuffix("event: lost\ndata: {\"type\":\"lost\",\"exchanges\":7,\"events\":3}\n\n"))
        #expect(queue.take() == nil)
        queue.take(content, Array(repeating: 1, count: EventQueue.byteLimit))
        queue.take(content, [1])
        #expect(queue.take().map { String(buffer: $0) }?.contains("\"exchanges\":1,") == true)
    }

    @Test func manyListenersGetTheSame() async throws {
        let control = try await ControlUnderTest()
        var peers: [RawPeer] = []
        for _ in 1...20 {
            let peer = try await control.connect()
            peer.send(Self.request)
            try await peer.read(through: "\n\n")
            peers.append(peer)
        }
        control.capture("/a")
        for peer in peers { try await peer.read(through: "\"number\":1}\n\n") }
        await control.stop()
    }
}
