import NIOCore
import NIOEmbedded
import TPoTWire
import Testing

@testable import TPoTTunnel

/// How links end, and how they stay alive.
@Suite struct TunnelLinkEndTests {
    @Test func aPeerThatReadsNoEndsIsClosed() throws {
        let end = try LinkUnderTest(.client)
        // More ends than there are ids: a peer that opens so many conversations has not read how they ended.
        end.channel.isWritable = false
        end.channel.pipeline.fireChannelWritabilityChanged()
        for number in 0...LinkScheduler.Limits.endsWaiting {
            let flow = LinkFlow(id: ConversationID(truncatingIfNeeded: number))
            end.link.sender.sendCouldNotConnect(flow)
            end.link.sender.sendClosed(flow, discarding: true)
        }
        end.loop.run()
        guard case .protocolError? = end.witness.ends.first else {
            Issue.record("the link goes on")
            return
        }
    }

    /// A failed write makes NIO read the rest of the socket from within the write.
    @Test func aPeerMayCloseAndGoBeforeItIsAnswered() throws {
        let end = try LinkUnderTest(.server)
        let frame: [UInt8] = [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]
        try end.channel.pipeline.syncOperations.addHandler(
            ReadsWithinFlush(ByteBuffer(bytes: frame)),
            position: .first
        )
        try end.receive(frame)
        #expect(end.witness.ends == [.closedByPeer(code: 1000, reason: "")])
        end.loop.run()
        #expect(!end.channel.isActive)
    }

    private final class ReadsWithinFlush: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer

        private let bytes: ByteBuffer

        init(_ bytes: ByteBuffer) { self.bytes = bytes }

        func flush(context: ChannelHandlerContext) {
            context.fireChannelRead(NIOAny(bytes))
            context.flush()
        }
    }

    @Test func closingALinkBeforeItsConnectionClosesTheConnection() throws {
        let witness = LinkWitness()
        let link = TunnelLink(role: .client, owner: witness)
        link.close(code: 1000, reason: "", end: .stopped)
        #expect(witness.ends == [.stopped])
        let channel = EmbeddedChannel()
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        try channel.pipeline.syncOperations.addHandler(link)
        channel.embeddedEventLoop.run()
        #expect(!channel.isActive)
    }

    private func masked(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
        // A key of zeros leaves the payload unchanged.
        [first, 0x80 | UInt8(payload.count), 0, 0, 0, 0] + payload
    }

    private func close(in frames: [WebSocketFrameDecoder.Event]) -> (code: UInt16?, reason: String)? {
        for case .close(let code, let reason) in frames { return (code, reason) }
        return nil
    }

    // MARK: Malformed input

    @Test(
        arguments: [
            ([0x12], 4180, "truncated message"), ([], 4180, "empty message"),
            ([0x12, 0, 0, 0x50], 4180, "conversation id 0"),
            ([0x7b], 4180, "unknown message type 0x7b"),
        ] as [([UInt8], UInt16, String)]
    )
    func aMalformedMessageEndsTheTunnel(payload: [UInt8], code: UInt16, reason: String) throws {
        let end = try LinkUnderTest(.server)
        try end.receive(masked(0x82, payload))
        let closed = try #require(close(in: try end.frames(masked: false)))
        #expect(closed == (code, reason))
        // No later message is delivered or answered.
        try end.receive(masked(0x82, [0x12, 1, 0, 0x58]) + masked(0x89, []))
        end.link.sender.send(ByteBuffer(string: "late"), LinkFlow(id: 1))
        #expect(try end.written().isEmpty)
        #expect(end.witness.messages.isEmpty)
        // The peer's answer ends the connection.
        try end.receive(masked(0x88, [0x10, 0x54]))
        end.loop.run()
        #expect(!end.channel.isActive)
        #expect(end.witness.ends == [.protocolError(reason)])
    }

    @Test func aMalformedFrameEndsTheTunnel() throws {
        let end = try LinkUnderTest(.server)
        try end.receive([0x82, 0x01, 0x12])
        #expect(close(in: try end.frames(masked: false))?.code == 1002)
        // The connection is closed even if the peer does not answer.
        end.loop.advanceTime(by: .seconds(2))
        #expect(!end.channel.isActive)
        #expect(end.witness.ends == [.protocolError("frame without a mask")])
    }

    @Test func aMessageThatTheOwnerRejectsEndsTheTunnel() throws {
        let end = try LinkUnderTest(.server)
        end.witness.refusal = ServerProtocolError.notForServers
        try end.receive(masked(0x82, [0x12, 1, 0, 0x58]))
        let closed = try #require(close(in: try end.frames(masked: false)))
        #expect(closed == (4180, "control message that only servers send"))
    }

    @Test func aLongReasonIsCut() throws {
        let end = try LinkUnderTest(.client)
        end.link.close(code: 4000, reason: String(repeating: "x", count: 500), end: .stopped)
        let closed = try #require(close(in: try end.frames(masked: true)))
        #expect(closed.code == 4000)
        #expect(closed.reason.count == 123)
    }

    // MARK: Leases

    @Test(arguments: [TunnelLink.Role.client, .server], [TunnelExtensions.ours, []])
    func aTakeOverNeedsAnAgreedLease(role: TunnelLink.Role, extensions: TunnelExtensions) throws {
        let end = try LinkUnderTest(role)
        end.link.extensions = extensions
        let close: [UInt8] = [0x10, 0x55]
        try end.receive(role == .server ? masked(0x88, close) : [0x88, 2] + close)
        switch (role, extensions) {
        case (.server, _): #expect(end.witness.ends == [.closedByPeer(code: 4181, reason: "")])
        case (.client, []): #expect(end.witness.ends == [.protocolError("a lease was used, and none was agreed on")])
        case (.client, _): #expect(end.witness.ends == [.takenOver])
        }
    }

    // MARK: Control frames

    @Test func answersTheLatestPing() throws {
        let end = try LinkUnderTest(.server)
        try end.receive(masked(0x89, [1]) + masked(0x89, [2]) + masked(0x89, [3]))
        let frames = try end.frames(masked: false)
        #expect(frames.count == 1)
        guard case .pong(let payload)? = frames.first else {
            Issue.record("not a pong")
            return
        }
        #expect(payload == ByteBuffer(bytes: [3]))
        #expect(end.witness.pings == 3)
    }

    @Test(arguments: [[], [1], [0, 0, 0, 0, 0, 0, 0, 9], [0, 0, 0, 0, 0, 0, 0, 1, 1]] as [[UInt8]])
    func ignoresAPongThatItDidNotAskFor(payload: [UInt8]) throws {
        let end = try LinkUnderTest(.server)
        try end.receive(masked(0x8a, payload))
        #expect(try end.written().reduce(0) { $0 + $1.readableBytes } == 0)
        #expect(end.witness.roundTrips.isEmpty)
        #expect(end.channel.isActive)
    }

    @Test func answersAClose() throws {
        let end = try LinkUnderTest(.server)
        try end.receive(masked(0x88, [0x03, 0xe9] + Array("bye".utf8)))
        #expect(close(in: try end.frames(masked: false))?.code == 1001)
        #expect(end.witness.ends == [.closedByPeer(code: 1001, reason: "bye")])
        #expect(!end.channel.isActive)
    }

    @Test func bothEndsAgreeOnAClose() throws {
        let pair = try LinkPair()
        pair.client.link.close(code: 1000, reason: "", end: .stopped)
        try pair.settle()
        #expect(pair.server.witness.ends == [.closedByPeer(code: 1000, reason: "")])
        #expect(pair.client.witness.ends == [.stopped])
    }

    // MARK: Loss

    @Test func aLostConnectionIsReportedOnce() throws {
        let end = try LinkUnderTest(.client)
        end.channel.pipeline.fireErrorCaught(ChannelError.alreadyClosed)
        end.loop.run()
        #expect(end.witness.ends.count == 1)
        #expect(!end.channel.isActive)
    }

    @Test func aPeerThatClosesItsHalfIsGone() throws {
        let end = try LinkUnderTest(.server)
        end.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        end.loop.run()
        #expect(end.witness.ends == [.connectionLost(.closed)])
    }

    // MARK: Liveness

    @Test(arguments: [TunnelLink.Role.client, .server])
    func aSilentPeerIsGoneAfterThirtySeconds(role: TunnelLink.Role) throws {
        let end = try LinkUnderTest(role)
        var pings = 0
        for _ in 0..<29 {
            end.loop.advanceTime(by: .seconds(1))
            pings += try end.frames(masked: role == .client).count
        }
        #expect(pings == 2)
        #expect(end.witness.ends.isEmpty)
        end.loop.advanceTime(by: .seconds(1))
        #expect(end.witness.ends == [.silent])
        #expect(!end.channel.isActive)
    }

    @Test func anIdlePairLives() throws {
        let pair = try LinkPair()
        try pair.advance(seconds: 300)
        #expect(pair.client.witness.ends.isEmpty && pair.server.witness.ends.isEmpty)
        #expect(pair.client.witness.roundTrips.count == 30)
    }

    @Test func aSlowConnectIsNoSilence() throws {
        let loop = EmbeddedEventLoop()
        let witness = LinkWitness()
        // The link is created before its connection.
        let link = TunnelLink(role: .client, owner: witness)
        loop.advanceTime(to: .now() + .seconds(100))
        let channel = EmbeddedChannel(loop: loop)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        try channel.pipeline.syncOperations.addHandler(link)
        loop.advanceTime(by: .seconds(29))
        #expect(witness.ends.isEmpty)
    }

    @Test func aReasonFromThePeerCannotSteerATerminal() throws {
        let end = try LinkUnderTest(.server)
        try end.receive(masked(0x88, [0x03, 0xe8] + Array("\u{1b}]52;c;SEVJ\u{7}\nFAKE".utf8)))
        #expect(end.witness.ends.count == 1)
        let text = end.witness.ends.map(\.description).joined()
        #expect(text.contains("FAKE"))
        #expect(text.utf8.allSatisfy { 0x20...0x7e ~= $0 })
    }
}
