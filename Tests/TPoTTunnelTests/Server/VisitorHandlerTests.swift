import Logging
import NIOCore
import NIOEmbedded
import TPoTWire
import Testing

@testable import TPoTTunnel

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The connection of one visitor to a tunnel. The test has the client's end of the link and moves the clock.
@Suite struct VisitorHandlerTests {
    /// The visitor's socket: records what the server does with it, and can stop accepting bytes.
    private final class VisitorSocket: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        private(set) var reads = 0
        private(set) var isOutputClosed = false
        var takesBytes = true

        func read(context: ChannelHandlerContext) {
            reads += 1
            context.read()
        }

        func flush(context: ChannelHandlerContext) {
            if takesBytes { context.flush() }
        }

        func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
            // An embedded channel would close both halves.
            if mode == .output {
                isOutputClosed = true
                promise?.succeed()
            } else {
                context.close(mode: mode, promise: promise)
            }
        }
    }

    private struct Visit {
        let loop = EmbeddedEventLoop()
        let channel: EmbeddedChannel
        let handler: VisitorHandler
        let socket = VisitorSocket()
        let core: ServerCore
        let tunnel: ServerTunnel
        /// The server's end of the link; `client` is the other end.
        let link: EmbeddedChannel
        let client: LinkUnderTest
        let flow = LinkFlow(id: 1)

        init(_ extensions: TunnelExtensions = []) throws {
            core = ServerCore(
                eventLoop: loop,
                domains: ["x"],
                verifier: nil,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            tunnel = try core.openTunnel(Subdomain("one"), for: ClientAddress(ip: nil, isExempt: true), extensions)
            link = EmbeddedChannel(loop: loop)
            try link.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
            try link.pipeline.syncOperations.addHandler(#require(tunnel.link))
            client = try LinkUnderTest(.client, loop: loop)
            client.link.extensions = extensions
            handler = VisitorHandler(server: core)
            channel = EmbeddedChannel(handler: socket, loop: loop)
            channel.remoteAddress = try SocketAddress(ipAddress: "192.0.2.1", port: 1)
            try channel.pipeline.syncOperations.addHandler(handler)
            try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
        }

        func send(_ text: String) throws { try channel.writeInbound(ByteBuffer(string: text)) }

        func closeHalf() { channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }

        /// Passes an answer of the target to the server, and carries what follows.
        func answer(_ bytes: ByteBuffer) throws {
            client.link.sender.send(bytes, flow)
            try carry()
        }

        func answer(_ text: String) throws { try answer(ByteBuffer(string: text)) }

        /// Carries bytes over the link in both directions until there are none.
        func carry() throws {
            while true {
                let up = try client.written()
                var down: [ByteBuffer] = []
                while let bytes = try link.readOutbound(as: ByteBuffer.self) { down.append(bytes) }
                if up.isEmpty, down.isEmpty { return }
                for bytes in up { try link.writeInbound(bytes) }
                for bytes in down { try client.receive(bytes) }
            }
        }

        /// Moves the clock in steps so small that both ends of the link see each other's signs of life.
        func advance(by time: TimeAmount) throws {
            let end = loop.now + time
            while loop.now < end {
                loop.advanceTime(to: min(end, loop.now + .seconds(5)))
                try carry()
            }
        }

        /// The messages that the client received, without the opening of the conversation.
        func messages() throws -> [TunnelMessage] {
            try carry()
            return client.witness.messages.filter { if case .openHTTP = $0 { false } else { true } }
        }

        func received() throws -> String {
            var text = ""
            while let bytes = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
            return text
        }
    }

    private static let get = "GET / HTTP/1.1\r\nHost: one.x\r\n\r\n"
    private static let noContent = "HTTP/1.1 204 No Content\r\n\r\n"
    private static let halfAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab"
    private static let moment = TimeAmount.milliseconds(1)

    private func data(_ text: String) -> TunnelMessage { .data(1, ByteBuffer(string: text)) }

    // MARK: Requests and answers

    @Test func aRequestIsForwardedAndItsAnswerDelivered() throws {
        let visit = try Visit()
        try visit.send(Self.get)
        #expect(visit.handler.conversation.isAnswerDue)
        try visit.carry()
        let open = TunnelMessage.openHTTP(1, RemoteAddress(ip: 0xc000_0201, port: 1))
        #expect(visit.client.witness.messages == [open, data(Self.get)])
        try visit.answer(Self.noContent)
        #expect(try visit.received() == Self.noContent)
        #expect(!visit.handler.conversation.isAnswerDue)
        // The next request is sent on the same conversation.
        try visit.send(Self.get)
        #expect(try visit.messages() == [data(Self.get), data(Self.get)])
        #expect(visit.channel.isActive && !visit.socket.isOutputClosed)
    }

    @Test func aVisitorThatAcceptsNothingMakesTheTargetWait() throws {
        let visit = try Visit()
        try visit.send(Self.get)
        try visit.carry()
        visit.socket.takesBytes = false
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 400000\r\n\r\n"
        try visit.answer(head)
        for _ in 1...4 { try visit.answer(ByteBuffer(repeating: 0x78, count: 100_000)) }
        #expect(try visit.messages() == [data(Self.get), .pause(1)])
        visit.socket.takesBytes = true
        visit.channel.flush()
        #expect(try visit.messages() == [data(Self.get), .pause(1), .resume(1)])
        #expect(try visit.received().utf8.count == head.utf8.count + 400_000)
    }

    @Test func aTargetThatAcceptsNothingMakesTheVisitorWait() throws {
        let visit = try Visit()
        try visit.send(Self.get)
        try visit.carry()
        visit.client.link.sender.sendFlowControl(.pause(1), visit.flow)
        try visit.carry()
        let reads = visit.socket.reads
        visit.channel.read()
        visit.channel.read()
        #expect(visit.socket.reads == reads)
        visit.client.link.sender.sendFlowControl(.resume(1), visit.flow)
        try visit.carry()
        // As far as the channel knows, one read was requested.
        #expect(visit.socket.reads == reads + 1)
    }

    // MARK: Ends

    @Test func aHalfCloseReachesTheClientAndTheAnswerStillComes() throws {
        let visit = try Visit([.half])
        try visit.send(Self.get)
        visit.closeHalf()
        let total = UInt64(Self.get.utf8.count)
        #expect(try visit.messages() == [.halfClosed(1, total: total), data(Self.get)])
        try visit.answer(Self.noContent)
        #expect(try visit.received() == Self.noContent)
        #expect(try visit.messages().last == .closed(1))
        #expect(!visit.channel.isActive)
    }

    @Test(arguments: [TunnelExtensions.half, []])
    func aHalfClosedVisitorTimesOut(extensions: TunnelExtensions) throws {
        let visit = try Visit(extensions)
        try visit.send(Self.get)
        visit.closeHalf()
        let knows = extensions.contains(.half)
        let seconds = knows ? VisitorMachine.knownSilenceSeconds : VisitorMachine.unknownSilenceSeconds
        let limit = TimeAmount.seconds(Int64(seconds))
        try visit.advance(by: limit - .seconds(2))
        // A byte of the answer restarts the time limit.
        try visit.answer(Self.halfAnswer)
        try visit.advance(by: limit - Self.moment)
        #expect(visit.channel.isActive)
        try visit.advance(by: Self.moment)
        #expect(!visit.channel.isActive)
        #expect(try visit.messages().last == .closed(1))
    }

    /// A flood of short visits must not be remembered for minutes.
    @Test func nothingIsLeftOfAHalfClosedVisitorThatWasAnswered() throws {
        weak var conversation: VisitorConversation?
        let loop: EmbeddedEventLoop
        do {
            let visit = try Visit([.half])
            loop = visit.loop
            conversation = visit.handler.conversation
            try visit.send(Self.get)
            visit.closeHalf()
            try visit.answer(Self.noContent)
            #expect(!visit.channel.isActive)
        }
        loop.run()
        #expect(conversation == nil)
    }

    @Test func aVisitorThatLeavesWithinItsRequestEndsTheConversation() throws {
        let visit = try Visit([.half, .cause])
        try visit.send(Self.post + "\r\nab")
        visit.closeHalf()
        #expect(try visit.messages() == [data(Self.post + "\r\nab"), .ended(1, .incomplete, taken: 0)])
        #expect(!visit.channel.isActive)
    }

    @Test func aResetEndsTheConversationAtOnce() throws {
        let visit = try Visit([.cause])
        try visit.send(Self.get)
        try visit.carry()
        visit.channel.pipeline.fireErrorCaught(IOError(errnoCode: ECONNRESET, reason: "read"))
        #expect(try visit.messages() == [data(Self.get), .ended(1, .incomplete, taken: 0)])
        #expect(!visit.channel.isActive)
        #expect(try visit.received() == "")
    }

    /// An answer that ends with the connection would look complete after a normal close.
    @Test func aCutAnswerIsDeliveredAndThenReset() throws {
        let visit = try Visit()
        try visit.send(Self.get)
        try visit.carry()
        try visit.answer(Self.halfAnswer)
        visit.client.link.sender.sendClosed(visit.flow, discarding: false)
        try visit.carry()
        #expect(try visit.received() == Self.halfAnswer)
        #expect(!visit.socket.isOutputClosed)
        #expect(!visit.channel.isActive)
    }

    @Test func aTargetThatIsNotThereIsA503() throws {
        let visit = try Visit()
        try visit.send(Self.get)
        try visit.carry()
        visit.client.link.sender.sendCouldNotConnect(visit.flow)
        visit.client.link.sender.sendClosed(visit.flow, discarding: true)
        try visit.carry()
        #expect(try visit.received().hasPrefix("HTTP/1.1 503 "))
        #expect(try visit.messages().last == .closed(1))
    }

    // MARK: The last answer

    @Test func theVisitorHasThreeSecondsToReadTheLastAnswer() throws {
        let visit = try Visit()
        try visit.send("nonsense\r\n")
        #expect(try visit.received().hasPrefix("HTTP/1.1 400 "))
        #expect(visit.socket.isOutputClosed)
        try visit.advance(by: LingeringClose.grace - Self.moment)
        #expect(visit.channel.isActive)
        try visit.advance(by: Self.moment)
        #expect(!visit.channel.isActive)
    }

    @Test func whenTheVisitorClosesItsHalfTheConnectionIsClosed() throws {
        let visit = try Visit()
        try visit.send("nonsense\r\n")
        #expect(visit.channel.isActive)
        visit.closeHalf()
        #expect(!visit.channel.isActive)
    }

    @Test func aVisitorThatDoesNotReadTheLastAnswerIsClosed() throws {
        let visit = try Visit()
        visit.socket.takesBytes = false
        try visit.send("nonsense\r\n")
        try visit.advance(by: LingeringClose.stall - Self.moment)
        #expect(visit.channel.isActive && !visit.socket.isOutputClosed)
        try visit.advance(by: Self.moment)
        #expect(!visit.channel.isActive)
    }

    /// A socket without counters never tells what the visitor took, so the report is sent with the close.
    @Test func theReportOfADeliveryGoesOutBeforeTheConnectionIsClosed() throws {
        let visit = try Visit([.cause])
        try visit.send(Self.get)
        try visit.carry()
        try visit.answer(Self.noContent)
        visit.client.link.sender.sendClosed(visit.flow, discarding: false)
        #expect(try visit.messages() == [data(Self.get)])
        try visit.advance(by: LingeringClose.grace)
        #expect(try visit.messages() == [data(Self.get), .ended(1, .givenUp, taken: 0)])
    }

    // MARK: Times

    @Test func aHeadHasSixtySeconds() throws {
        let visit = try Visit()
        try visit.send("GET / HT")
        try visit.advance(by: .seconds(60) - Self.moment)
        #expect(try visit.received() == "")
        try visit.advance(by: Self.moment)
        #expect(try visit.received().hasPrefix("HTTP/1.1 408 "))
        // A head that is complete in time is no longer timed.
        let other = try Visit()
        try other.send(Self.get)
        try other.advance(by: .seconds(120))
        #expect(try other.received() == "")
        #expect(other.channel.isActive)
    }

    @Test func aRequestWaitsTenSecondsForItsTunnel() throws {
        let visit = try Visit(.ours)
        visit.tunnel.linkEnded(.silent)
        try visit.send(Self.get)
        try visit.advance(by: .seconds(10) - Self.moment)
        #expect(try visit.received() == "")
        try visit.advance(by: Self.moment)
        #expect(try visit.received().hasPrefix("HTTP/1.1 503 "))
        #expect(visit.socket.isOutputClosed)
    }

    private static let post = "POST / HTTP/1.1\r\nHost: one.x\r\nContent-Length: 5\r\n"

    @Test(arguments: ["\r\nab", "X: unfinished"])
    func aStalledRequestIsGivenUp(end: String) throws {
        let visit = try Visit()
        // The first request opens the conversation. From then on there is no time limit for heads.
        try visit.send(Self.get)
        try visit.carry()
        try visit.answer(Self.noContent)
        _ = try visit.received()
        try visit.send(Self.post + end)
        try visit.advance(by: VisitorHandler.requestIdleLimit - .seconds(1))
        try visit.send("c")
        try visit.advance(by: VisitorHandler.requestIdleLimit - .seconds(1))
        #expect(try visit.received() == "")
        try visit.advance(by: .seconds(2))
        #expect(try visit.received().hasPrefix("HTTP/1.1 408 "))
    }

    @Test(arguments: ["HEAD / HTTP/1.1\r\n", "GET / HTTP/1.1\r\n"])
    func aHeadThatIsNeverCompleteIsAnsweredAsItsMethodWants(beginning: String) throws {
        let isHead = beginning.hasPrefix("HEAD")
        let visit = try Visit()
        try visit.send(beginning)
        try visit.advance(by: .seconds(61))
        let first = try visit.received()
        #expect(first.hasPrefix("HTTP/1.1 408 "))
        #expect(first.hasSuffix("\r\n\r\n") == isHead)
        // The same happens after an answer.
        let later = try Visit()
        try later.send(Self.get)
        try later.carry()
        try later.answer(Self.noContent)
        _ = try later.received()
        try later.send(beginning)
        try later.advance(by: VisitorHandler.requestIdleLimit + .seconds(1))
        let second = try later.received()
        #expect(second.hasPrefix("HTTP/1.1 408 "))
        #expect(second.hasSuffix("\r\n\r\n") == isHead)
    }

    @Test func aCompleteRequestMayWaitForItsAnswer() throws {
        let visit = try Visit()
        try visit.send(Self.post + "\r\nab")
        try visit.send("cde")
        try visit.advance(by: VisitorHandler.requestIdleLimit * 3)
        #expect(try visit.received() == "")
        #expect(visit.handler.conversation.isAnswerDue)
    }

    @Test func theTimeLimitPausesWhileTheVisitorHasToWait() throws {
        let visit = try Visit()
        try visit.send(Self.post + "\r\nab")
        visit.handler.conversation.setPausedByTarget(true)
        visit.channel.read()
        try visit.advance(by: VisitorHandler.requestIdleLimit * 3)
        #expect(try visit.received() == "")
        visit.handler.conversation.setPausedByTarget(false)
        try visit.advance(by: VisitorHandler.requestIdleLimit - .seconds(1))
        #expect(try visit.received() == "")
        try visit.advance(by: VisitorHandler.requestIdleLimit)
        #expect(try visit.received().hasPrefix("HTTP/1.1 408 "))
    }

    /// For instance while the tunnel is held: the visitor sends its body only after a 100.
    @Test func aVisitorThatWaitsForA100IsNotGivenUp() throws {
        let visit = try Visit()
        try visit.send(Self.post + "Expect: 100-continue\r\n\r\n")
        try visit.advance(by: VisitorHandler.requestIdleLimit * 3)
        #expect(try visit.received() == "")
        #expect(visit.handler.conversation.isAnswerDue)
    }

    @Test func littleIsReadAfterTheLastAnswer() throws {
        let visit = try Visit()
        try visit.send("nonsense\r\n")
        #expect(try visit.received().hasPrefix("HTTP/1.1 400 "))
        let piece = String(repeating: "x", count: 64 * 1024)
        for _ in 1...15 {
            try visit.send(piece)
            visit.channel.read()
        }
        let reads = visit.socket.reads
        #expect(reads >= 15)
        for _ in 1...5 {
            try visit.send(piece)
            visit.channel.read()
        }
        // One more read reaches the limit, and there is none beyond it.
        #expect(visit.socket.reads <= reads + 1)
    }
}
