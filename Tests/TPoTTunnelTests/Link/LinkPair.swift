import NIOCore
import NIOEmbedded
import TPoTWire

@testable import TPoTTunnel

/// What a link told its owner.
final class LinkWitness: TunnelLinkOwner {
    var messages: [TunnelMessage] = []
    var closed: [ConversationID] = []
    var ends: [LinkEnd] = []
    var reads = 0
    var pings = 0
    var roundTrips: [TimeAmount] = []
    var refusal: (any Error)?
    /// What the owner does about a message.
    var reaction: ((TunnelMessage) -> Void)?

    /// Bytes of data that came, whatever their slices.
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

/// A feeder that notes when it may read again.
final class FeederWitness: LinkFeeder {
    var calls = 0

    func linkTakesMore() { calls += 1 }
}

/// One end of a link on a loop whose clock the test moves, and what it wrote: each buffer as it was handed to the socket.
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

    /// Ends the turn of the loop and takes what was written in it.
    func written() throws -> [ByteBuffer] {
        loop.run()
        var buffers: [ByteBuffer] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { buffers.append(buffer) }
        return buffers
    }

    /// Hands the link bytes as the socket would; the channel throws nothing of what it thinks of them.
    func receive(_ bytes: ByteBuffer) throws {
        guard channel.isActive else { return }
        try channel.writeInbound(bytes)
    }

    func receive(_ bytes: [UInt8]) throws { try receive(ByteBuffer(bytes: bytes)) }

    /// What was written, as frames.
    func frames(masked: Bool) throws -> [WebSocketFrameDecoder.Event] {
        var decoder = WebSocketFrameDecoder(expectsMask: masked)
        var events: [WebSocketFrameDecoder.Event] = []
        for buffer in try written() { try decoder.read(buffer) { events.append($0) } }
        return events
    }
}

/// A client's and a server's end, glued together.
struct LinkPair {
    let client: LinkUnderTest
    let server: LinkUnderTest

    init() throws {
        let loop = EmbeddedEventLoop()
        client = try LinkUnderTest(.client, loop: loop)
        server = try LinkUnderTest(.server, loop: loop)
    }

    /// Carries bytes to and fro until there are none.
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

    /// Lets time pass in steps of a second, carrying what it brings.
    func advance(seconds: Int) throws {
        for _ in 0..<seconds {
            client.loop.advanceTime(by: .seconds(1))
            try settle()
        }
    }
}
