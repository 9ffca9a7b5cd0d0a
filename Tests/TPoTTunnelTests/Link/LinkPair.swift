import NIOCore
import NIOEmbedded
import TPoTWire

@testable import TPoTTunnel

/// Records what a link reports to its owner.
final class LinkWitness: TunnelLinkOwner {
    var messages: [TunnelMessage] = []
    var closed: [ConversationID] = []
    var ends: [LinkEnd] = []
    var reads = 0
    var pings = 0
    var roundTrips: [TimeAmount] = []
    var refusal: (any Error)?
    /// The owner's reaction to a message.
    var reaction: ((TunnelMessage) -> Void)?

    /// The bytes of data that arrived, in any number of pieces.
    var dataBytes: Int {
        messages.reduce(0) { if case .data(_, let bytes) = $1 { $0 + bytes.readableBytes } else { $0 } }
    }

    func linkReceived(_ message: TunnelMessage) throws {
        if let refusal { throw refusal }
        messages.append(message)
        reaction?(message)
    }

    func linkReadComplete() { reads += 1 }
    func linkSentClosed(_ id: ConversationID) { closed.append(id) }
    func linkPinged() { pings += 1 }
    func linkRoundTrip(_ time: TimeAmount) { roundTrips.append(time) }
    func linkEnded(_ end: LinkEnd) { ends.append(end) }
}

/// A feeder that counts how often it may read again.
final class FeederWitness: LinkFeeder {
    var calls = 0

    func linkTakesMore() { calls += 1 }
}

/// One end of a link, on a loop whose clock the test moves, and its output: each buffer as it was written to the
/// socket.
final class LinkUnderTest {
    let witness = LinkWitness()
    let link: TunnelLink
    let channel: EmbeddedChannel

    init(_ role: TunnelLink.Role, loop: EmbeddedEventLoop = EmbeddedEventLoop()) throws {
        link = TunnelLink(role: role, owner: witness)
        channel = EmbeddedChannel(loop: loop)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        try channel.pipeline.syncOperations.addHandler(link)
        loop.run()
    }

    var loop: EmbeddedEventLoop { channel.embeddedEventLoop }

    /// Ends the turn of the loop, and returns the buffers that were written in it.
    func written() throws -> [ByteBuffer] {
        loop.run()
        var buffers: [ByteBuffer] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { buffers.append(buffer) }
        return buffers
    }

    /// Passes bytes to the link as the socket would. The link reports errors in them to its owner; nothing is thrown
    /// here.
    func receive(_ bytes: ByteBuffer) throws {
        guard channel.isActive else { return }
        try channel.writeInbound(bytes)
    }

    func receive(_ bytes: [UInt8]) throws { try receive(ByteBuffer(bytes: bytes)) }

    /// The output as frames.
    func frames(masked: Bool) throws -> [WebSocketFrameDecoder.Event] {
        var decoder = WebSocketFrameDecoder(expectsMask: masked)
        var events: [WebSocketFrameDecoder.Event] = []
        for buffer in try written() { try decoder.read(buffer) { events.append($0) } }
        return events
    }
}

/// A client's end and a server's end of one link, connected to each other.
struct LinkPair {
    let client: LinkUnderTest
    let server: LinkUnderTest

    init() throws {
        let loop = EmbeddedEventLoop()
        client = try LinkUnderTest(.client, loop: loop)
        server = try LinkUnderTest(.server, loop: loop)
    }

    /// Carries bytes in both directions until there are none.
    func settle() throws {
        while true {
            client.loop.advanceTime(by: LinkTurns.pause)
            let up = try client.written()
            let down = try server.written()
            if up.isEmpty, down.isEmpty { return }
            for buffer in up { try server.receive(buffer) }
            for buffer in down { try client.receive(buffer) }
        }
    }

    /// Moves the clock in steps of one second, and carries the bytes of each step.
    func advance(seconds: Int) throws {
        for _ in 0..<seconds {
            client.loop.advanceTime(by: .seconds(1))
            try settle()
        }
    }
}
