import NIOCore
import NIOEmbedded
import TPoTWire
import Testing

@testable import TPoTTunnel

@Suite struct TunnelLinkTests {
    private func bytes(_ count: Int) -> ByteBuffer { ByteBuffer(repeating: 7, count: count) }

    @Test func messagesGetThroughBothWays() throws {
        let pair = try LinkPair()
        let greeting = TunnelMessage.greeting(try #require(Subdomain("bench")))
        pair.server.link.sender.send(greeting)
        let down = LinkFlow(id: 1)
        pair.server.link.sender.open(.openHTTP(1, RemoteAddress(ip: 1, port: 2)), down)
        pair.server.link.sender.send(ByteBuffer(string: "GET"), down)
        try pair.settle()
        let open = TunnelMessage.openHTTP(1, RemoteAddress(ip: 1, port: 2))
        #expect(pair.client.witness.messages == [greeting, open, .data(1, ByteBuffer(string: "GET"))])

        let up = LinkFlow(id: 1)
        pair.client.link.sender.send(ByteBuffer(string: "200"), up)
        pair.client.link.sender.sendFlowControl(.pause(1), up)
        pair.client.link.sender.sendClosed(up, discarding: false)
        try pair.settle()
        // Flow control overtakes waiting data; the close does not.
        #expect(pair.server.witness.messages == [.pause(1), .data(1, ByteBuffer(string: "200")), .closed(1)])
        #expect(pair.client.witness.closed == [1])
        #expect(pair.server.witness.reads > 0)
    }

    @Test func aRefusalIsTwoMessages() throws {
        let pair = try LinkPair()
        let flow = LinkFlow(id: 9)
        pair.client.link.sender.sendCouldNotConnect(flow)
        pair.client.link.sender.sendClosed(flow, discarding: true)
        try pair.settle()
        #expect(pair.server.witness.messages == [.couldNotConnect(9), .closed(9)])
    }

    @Test(arguments: [3_000, 10_000_000])
    func manyBytesArriveUnchanged(count: Int) throws {
        let pair = try LinkPair()
        for end in [pair.client, pair.server] {
            let flow = LinkFlow(id: 5)
            end.link.sender.send(bytes(count), flow)
            end.link.sender.sendClosed(flow, discarding: false)
        }
        try pair.settle()
        for end in [pair.client, pair.server] {
            #expect(end.witness.dataBytes == count)
            #expect(end.witness.messages.last == .closed(5))
            #expect(end.link.sender.waitingBytes == 0)
        }
    }

    @Test func pingsGoWithTheData() throws {
        let pair = try LinkPair()
        pair.client.link.sender.send(bytes(200_000), LinkFlow(id: 1))
        try pair.settle()
        #expect(!pair.client.witness.roundTrips.isEmpty)
        #expect(pair.server.witness.roundTrips.isEmpty)
    }

    @Test func noMoreThanTheWindowIsUnderWay() throws {
        let end = try LinkUnderTest(.client)
        end.link.sender.send(bytes(2_000_000), LinkFlow(id: 1))
        let sent = try end.written().reduce(0) { $0 + $1.readableBytes }
        #expect(sent <= 8 * LinkWindow.floor + LinkWindow.probeBytesAtLeast * 3)
        // Even without pongs, a little is sent every second.
        end.loop.advanceTime(by: .seconds(1))
        let more = try end.written().reduce(0) { $0 + $1.readableBytes }
        #expect(more >= LinkWindow.floor && more <= 2 * LinkWindow.floor)
        // Control messages overtake waiting data.
        end.link.sender.open(.openHTTP(2, RemoteAddress(ip: 0, port: 0)), LinkFlow(id: 2))
        #expect(try !end.written().isEmpty)
    }

    @Test func aSocketThatAcceptsNothingIsNotWrittenTo() throws {
        let end = try LinkUnderTest(.server)
        end.channel.isWritable = false
        end.channel.pipeline.fireChannelWritabilityChanged()
        end.link.sender.send(bytes(1_000), LinkFlow(id: 1))
        end.link.sender.open(.openHTTP(1, RemoteAddress(ip: 0, port: 0)), LinkFlow(id: 1))
        // The socket does not accept the pongs for these pings either.
        for _ in 0..<100 { try end.receive([0x89, 0x80, 0, 0, 0, 0]) }
        #expect(try end.written().reduce(0) { $0 + $1.readableBytes } == 0)
        end.channel.isWritable = true
        end.channel.pipeline.fireChannelWritabilityChanged()
        let frames = try end.frames(masked: false)
        #expect(frames.count == 3)
    }

    /// However fast the link is, it handles new bytes before it sends the rest, and the new bytes overtake that rest.
    @Test func manyBytesLeaveInTurns() throws {
        let pair = try LinkPair()
        let end = pair.client
        // This makes the window large enough for more than one turn.
        for _ in 0..<4 {
            end.link.sender.send(bytes(8 << 20), LinkFlow(id: 1))
            try pair.settle()
        }
        end.link.sender.send(bytes(4 << 20), LinkFlow(id: 2))
        let turn = try end.written().reduce(0) { $0 + $1.readableBytes }
        #expect(turn >= LinkSender.turnBytes && turn < LinkSender.turnBytes * 3 / 2)
        #expect(try end.written().isEmpty)

        end.link.sender.send(ByteBuffer(string: "small"), LinkFlow(id: 3))
        end.loop.advanceTime(by: LinkTurns.pause)
        let data = try end.frames(masked: true).compactMap { event in
            if case .payload(let bytes, _) = event { bytes } else { nil }
        }
        #expect(data.first?.readableBytesView.suffix(5).elementsEqual("small".utf8) == true)
        try pair.settle()
        #expect(end.link.sender.waitingBytes == 0)
    }

    // MARK: Reading local sockets

    @Test func aFullConversationIsReadAgainWhenItHasDrained() throws {
        let pair = try LinkPair()
        let feeder = FeederWitness()
        let flow = LinkFlow(id: 1)
        flow.feeder = feeder
        pair.client.link.sender.send(bytes(1_000_000), flow)
        #expect(!pair.client.link.sender.claimRead(flow))
        #expect(!pair.client.link.sender.claimRead(flow))
        try pair.settle()
        #expect(feeder.calls == 1)
        #expect(pair.client.link.sender.claimRead(flow))
    }

    @Test func allWaitingConversationsAreReadAgain() throws {
        let pair = try LinkPair()
        pair.client.link.sender.send(bytes(5 << 20), LinkFlow(id: 1))
        var feeders: [FeederWitness] = []
        // Conversations that have already ended wait in front of them.
        for id in 2...1_001 as ClosedRange<ConversationID> {
            let flow = LinkFlow(id: id)
            #expect(!pair.client.link.sender.claimRead(flow))
            guard id > 500 else { continue }
            let feeder = FeederWitness()
            flow.feeder = feeder
            feeders.append(feeder)
        }
        try pair.settle()
        #expect(feeders.allSatisfy { $0.calls == 1 })
    }

    @Test func pausedConversationsDoNotHoldUpTheOthers() throws {
        let pair = try LinkPair()
        for id in 1...40 as ClosedRange<ConversationID> {
            let slow = LinkFlow(id: id)
            pair.client.link.sender.setPaused(true, slow)
            pair.client.link.sender.send(bytes(128 * 1024), slow)
        }
        #expect(pair.client.link.sender.claimRead(LinkFlow(id: 100)))
        // A conversation that has to wait continues once the conversation in front of it is paused.
        let bulk = LinkFlow(id: 101)
        pair.client.link.sender.send(bytes(5 << 20), bulk)
        let feeder = FeederWitness()
        let waiting = LinkFlow(id: 102)
        waiting.feeder = feeder
        #expect(!pair.client.link.sender.claimRead(waiting))
        pair.client.link.sender.setPaused(true, bulk)
        _ = try pair.client.written()
        #expect(feeder.calls == 1)
    }
}
