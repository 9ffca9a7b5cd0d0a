import Logging
import NIOCore
import NIOEmbedded
import TPoTWire
import Testing

@testable import TPoTTunnel

/// The connection of one visitor, on a clock that the test moves.
@Suite struct VisitorHandlerTests {
    /// Counts how often the visitor's socket is read.
    private final class ReadCounter: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        private(set) var reads = 0

        func read(context: ChannelHandlerContext) {
            reads += 1
            context.read()
        }
    }

    private struct Visit {
        let loop = EmbeddedEventLoop()
        let channel: EmbeddedChannel
        let handler: VisitorHandler
        let counter = ReadCounter()
        let core: ServerCore

        init() throws {
            core = ServerCore(
                eventLoop: loop,
                domains: ["x"],
                verifier: nil,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            _ = try core.openTunnel(Subdomain("one"), for: ClientAddress(ip: nil, isExempt: true))
            handler = VisitorHandler(server: core)
            channel = EmbeddedChannel(handlers: [counter, handler], loop: loop)
            try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
        }

        func send(_ text: String) throws { try channel.writeInbound(ByteBuffer(string: text)) }

        func received() throws -> String {
            var text = ""
            while let bytes = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
            return text
        }
    }

    private static let post = "POST / HTTP/1.1\r\nHost: one.x\r\nContent-Length: 5\r\n"

    @Test(arguments: ["\r\nab", "X: unfinished"])
    func aRequestThatDoesNotGoOnIsGivenUp(end: String) throws {
        let visit = try Visit()
        // The first request opens the conversation, from which on the time for heads no longer counts.
        try visit.send("GET / HTTP/1.1\r\nHost: one.x\r\n\r\n")
        try visit.handler.conversation.targetSent(ByteBuffer(string: "HTTP/1.1 204 No Content\r\n\r\n"))
        visit.handler.conversation.flushVisitor()
        _ = try visit.received()
        try visit.send(Self.post + end)
        visit.loop.advanceTime(by: VisitorHandler.requestIdleLimit - .seconds(1))
        try visit.send("c")
        visit.loop.advanceTime(by: VisitorHandler.requestIdleLimit - .seconds(1))
        #expect(try visit.received() == "")
        visit.loop.advanceTime(by: .seconds(2))
        #expect(try visit.received().hasPrefix("HTTP/1.1 408 "))
    }

    @Test(arguments: ["HEAD / HTTP/1.1\r\n", "GET / HTTP/1.1\r\n"])
    func aHeadThatIsNeverCompleteIsAnsweredAsItsMethodWants(beginning: String) throws {
        let isHead = beginning.hasPrefix("HEAD")
        let visit = try Visit()
        try visit.send(beginning)
        visit.loop.advanceTime(by: .seconds(61))
        let first = try visit.received()
        #expect(first.hasPrefix("HTTP/1.1 408 "))
        #expect(first.hasSuffix("\r\n\r\n") == isHead)
        // The same behind an answer.
        let later = try Visit()
        try later.send("GET / HTTP/1.1\r\nHost: one.x\r\n\r\n")
        try later.handler.conversation.targetSent(ByteBuffer(string: "HTTP/1.1 204 No Content\r\n\r\n"))
        later.handler.conversation.flushVisitor()
        _ = try later.received()
        try later.send(beginning)
        later.loop.advanceTime(by: VisitorHandler.requestIdleLimit + .seconds(1))
        let second = try later.received()
        #expect(second.hasPrefix("HTTP/1.1 408 "))
        #expect(second.hasSuffix("\r\n\r\n") == isHead)
    }

    @Test func aCompleteRequestMayWaitForItsAnswer() throws {
        let visit = try Visit()
        try visit.send(Self.post + "\r\nab")
        try visit.send("cde")
        visit.loop.advanceTime(by: VisitorHandler.requestIdleLimit * 3)
        #expect(try visit.received() == "")
        #expect(visit.handler.conversation.isAnswerDue)
    }

    @Test func theClockStandsStillWhileTheVisitorIsMadeToWait() throws {
        let visit = try Visit()
        try visit.send(Self.post + "\r\nab")
        visit.handler.conversation.setPausedByTarget(true)
        visit.channel.read()
        visit.loop.advanceTime(by: VisitorHandler.requestIdleLimit * 3)
        #expect(try visit.received() == "")
        visit.handler.conversation.setPausedByTarget(false)
        visit.loop.advanceTime(by: VisitorHandler.requestIdleLimit - .seconds(1))
        #expect(try visit.received() == "")
        visit.loop.advanceTime(by: VisitorHandler.requestIdleLimit)
        #expect(try visit.received().hasPrefix("HTTP/1.1 408 "))
    }

    /// Such as while the tunnel is held: the visitor sends its body only when it is told to.
    @Test func aVisitorThatWaitsForA100IsNotGivenUp() throws {
        let visit = try Visit()
        try visit.send(Self.post + "Expect: 100-continue\r\n\r\n")
        visit.loop.advanceTime(by: VisitorHandler.requestIdleLimit * 3)
        #expect(try visit.received() == "")
        #expect(visit.handler.conversation.isAnswerDue)
    }

    @Test func littleIsReadOfWhatFollowsTheLastAnswer() throws {
        let visit = try Visit()
        try visit.send("nonsense\r\n")
        #expect(try visit.received().hasPrefix("HTTP/1.1 400 "))
        let piece = String(repeating: "x", count: 64 * 1024)
        for _ in 1...15 {
            try visit.send(piece)
            visit.channel.read()
        }
        let reads = visit.counter.reads
        #expect(reads >= 15)
        for _ in 1...5 {
            try visit.send(piece)
            visit.channel.read()
        }
        // One more to the limit, and none beyond it.
        #expect(visit.counter.reads <= reads + 1)
    }
}
