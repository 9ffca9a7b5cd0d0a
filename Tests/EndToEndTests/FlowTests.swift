import NIOConcurrencyHelpers
import NIOCore
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct FlowTests {
    private static let size = 32 * 1024 * 1024

    /// Bytes whose values depend on their position.
    private static func pattern(_ range: Range<Int>) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(range.count)
        for place in range { buffer.writeInteger(UInt8(truncatingIfNeeded: place &* 31 &+ place >> 8)) }
        return buffer
    }

    @Test func aLargeAnswerArrivesWhole() async throws {
        let block = Self.pattern(0..<65_536)
        let target = try await RawListener.start { peer in
            _ = try await peer.readMessage()
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: \(Self.size)\r\n\r\n")
            for _ in 0..<(Self.size / 65_536) { try await peer.sendAndWait(block) }
        }
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let visitor = try await tunnel.visitor()
        visitor.send(tunnel.request("/big"))
        try await visitor.read(through: "\r\n\r\n")
        for _ in 0..<(Self.size / 65_536) {
            #expect(try await visitor.read(count: 65_536) == Array(block.readableBytesView))
        }
        try await tunnel.stop()
    }

    @Test func aLargeRequestArrivesWhole() async throws {
        let block = Self.pattern(0..<65_536)
        let target = try await RawListener.start()
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let visitor = try await tunnel.visitor()
        let sending = Task {
            visitor.send("POST / HTTP/1.1\r\nHost: \(tunnel.host)\r\nContent-Length: \(Self.size)\r\n\r\n")
            for _ in 0..<(Self.size / 65_536) { try await visitor.sendAndWait(block) }
        }
        let connection = try await target.next()
        try await connection.read(through: "\r\n\r\n")
        for _ in 0..<(Self.size / 65_536) {
            #expect(try await connection.read(count: 65_536) == Array(block.readableBytesView))
        }
        try await sending.value
        connection.send(Targets.answer("got it"))
        #expect(try await visitor.readMessage().hasSuffix("got it"))
        try await tunnel.stop()
    }

    /// The bytes between a target that writes and a visitor that does not read are bounded.
    /// Other visitors are still served.
    @Test func aVisitorThatDoesNotReadStopsOnlyItsOwnTarget() async throws {
        let written = NIOLockedValueBox(0)
        let block = ByteBuffer(repeating: 0x78, count: 65_536)
        let target = try await RawListener.start { peer in
            let request = try await peer.readMessage()
            guard request.hasPrefix("GET /endless") else {
                peer.send(Targets.answer("small"))
                return
            }
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n")
            while true {
                try await peer.sendAndWait(block)
                written.withLockedValue { $0 += block.readableBytes }
            }
        }
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let slow = try await RawPeer.connect(port: tunnel.port, receiveBuffer: 64 * 1024)
        try await slow.stopReading()
        slow.send(tunnel.request("/endless"))
        // Wait until no more bytes move. Meanwhile, other visitors come and go, and each is answered.
        var last = -1
        while written.withLockedValue({ $0 }) != last || last < 1 {
            last = written.withLockedValue { $0 }
            for _ in 0..<50 {
                let visitor = try await tunnel.visitor()
                visitor.send(tunnel.request("/small"))
                #expect(try await visitor.readMessage().hasSuffix("small"))
                visitor.close()
            }
        }
        // The kernel's buffers of four sockets, and a few hundred KiB in tpot.
        #expect(last < 32 * 1024 * 1024)
        try await slow.startReading()
        _ = try await slow.read(count: last + 1)
        slow.close()
        try await tunnel.stop()
    }

    @Test func aTargetThatDoesNotReadStopsTheVisitor() async throws {
        let target = try await RawListener.start()
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let visitor = try await tunnel.visitor()
        let written = NIOLockedValueBox(0)
        let block = ByteBuffer(repeating: 0x79, count: 65_536)
        visitor.send("POST / HTTP/1.1\r\nHost: \(tunnel.host)\r\nContent-Length: 10737418240\r\n\r\n")
        let connection = try await target.next()
        try await connection.stopReading()
        let sending = Task {
            while true {
                try await visitor.sendAndWait(block)
                written.withLockedValue { $0 += block.readableBytes }
            }
        }
        let events = TunnelEvents(tunnel.bus)
        try await events.next { if case .targetPaused(true) = $0.kind { true } else { false } }
        try await connection.startReading()
        try await events.next { if case .targetPaused(false) = $0.kind { true } else { false } }
        #expect(written.withLockedValue { $0 } < 64 * 1024 * 1024)
        visitor.close()
        _ = await sending.result
        try await tunnel.stop()
    }

    @Test func heldRequestsAreReleasedInOrder() async throws {
        let target = try await Targets.echo()
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        let events = TunnelEvents(tunnel.bus)
        tunnel.client.hold()
        try await events.wait { $0 == .holding(true) }
        var visitors: [RawPeer] = []
        for number in 1...5 {
            let visitor = try await tunnel.visitor()
            visitor.send(tunnel.request("/\(number)"))
            try await events.next { if case .held = $0.kind { true } else { false } }
            visitors.append(visitor)
        }
        #expect(visitors.allSatisfy { $0.receivedCount == 0 })
        tunnel.client.release()
        var order: [UInt64] = []
        for _ in 1...5 {
            let released = try await events.next { if case .released = $0.kind { true } else { false } }
            order.append(released.conversation)
        }
        #expect(order == order.sorted())
        for (index, visitor) in visitors.enumerated() {
            #expect(try await visitor.readMessage().contains("GET /\(index + 1) "))
        }
        try await tunnel.stop()
    }
}
