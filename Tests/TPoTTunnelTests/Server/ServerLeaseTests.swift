import Logging
import NIOCore
import NIOEmbedded
import TPoTWire
import Testing

@testable import TPoTTunnel

/// How the server treats names whose tunnels lost their links, and their visitors, on a clock that the test moves.
@Suite struct ServerLeaseTests {
    private let loop = EmbeddedEventLoop()
    private let core: ServerCore
    private static let request = "GET / HTTP/1.1\r\nHost: one.x\r\n\r\n"

    init() {
        core = ServerCore(
            eventLoop: loop,
            domains: ["x"],
            verifier: nil,
            maximumTunnels: 1,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private func client(_ number: UInt32) -> ClientAddress {
        ClientAddress(ip: IPAddress(ipv4: 0xc000_0200 + number), isExempt: false)
    }

    @discardableResult
    private func open(
        _ name: String = "one",
        for number: UInt32 = 1,
        _ extensions: TunnelExtensions = .ours,
        presenting secret: LeaseSecret? = nil
    ) throws -> ServerTunnel {
        try core.openTunnel(Subdomain(name), for: client(number), extensions, presenting: secret)
    }

    /// The server's refusal of a client that asks for a tunnel; nil if it gives the tunnel.
    private func refusal(_ name: String, for number: UInt32, presenting secret: LeaseSecret? = nil) -> ServerRefusal? {
        do {
            try open(name, for: number, presenting: secret)
            return nil
        } catch {
            return error as? ServerRefusal
        }
    }

    // MARK: Names

    @Test func aLostNameIsKeptForItsHolderAndThenFree() throws {
        let first = try open()
        #expect(refusal("one", for: 2) == .nameInUse)
        first.linkEnded(.silent)
        #expect(refusal("one", for: 2) == .nameKept(for: .seconds(10)))
        loop.advanceTime(by: .seconds(9))
        #expect(refusal("one", for: 2, presenting: .random()) == .nameKept(for: .seconds(1)))
        let second = try open(presenting: first.lease)
        second.linkEnded(.connectionLost(.closed))
        loop.advanceTime(by: .seconds(10))
        let other = try open(for: 2)
        // The name now belongs to the other client.
        #expect(refusal("one", for: 1, presenting: second.lease) == .nameInUse)
        other.linkEnded(.silent)
        loop.advanceTime(by: .seconds(89))
        #expect(refusal("two", for: 2) == .tooManyTunnels(limit: 1))
        loop.advanceTime(by: .seconds(1))
        #expect(refusal("two", for: 2) == nil)
    }

    @Test func aNameWithoutALeaseOrGivenBackIsFreeAtOnce() throws {
        try open(for: 1, [.half, .cause, .ip6]).linkEnded(.silent)
        try open(for: 2).linkEnded(.closedByPeer(code: 1000, reason: ""))
        try open(for: 1).linkEnded(.closedByPeer(code: 1001, reason: ""))
        #expect(refusal("one", for: 2) == .nameKept(for: .seconds(10)))
    }

    @Test func theHolderTakesItsNameFromItsOldLink() throws {
        let (first, other) = (try open(), try open("two", for: 2))
        // The holder comes from another address, and the name now counts for that address.
        let second = try open(for: 3, presenting: first.lease)
        #expect(first.link == nil && second.link != nil)
        #expect(core.tunnel(named: second.subdomain) === second)
        #expect(refusal("three", for: 3) == .tooManyTunnels(limit: 1))
        #expect(refusal("three", for: 1) == nil)
        // An address that already has its tunnel cannot take over another name, even with the right secret.
        #expect(refusal("two", for: 3, presenting: other.lease) == .tooManyTunnels(limit: 1))
        #expect(other.link != nil)
        // The secret of one name does not work for another.
        #expect(refusal("two", for: 4, presenting: second.lease) == .nameInUse)
    }

    @Test func theFormerSecretIsRightUntilTheFirstPing() throws {
        let first = try open()
        first.linkEnded(.silent)
        let second = try open(presenting: first.lease)
        let third = try open(presenting: first.lease)
        #expect(second.link == nil)
        third.linkPinged()
        #expect(refusal("one", for: 1, presenting: first.lease) != nil)
        #expect(third.link != nil)
        try open(presenting: third.lease)
    }

    @Test func aDrawnNameIsNeverAKeptName() throws {
        let drawn = try core.openTunnel(nil, for: client(1), .ours)
        drawn.linkEnded(.silent)
        #expect(try core.openTunnel(nil, for: client(2), .ours).subdomain != drawn.subdomain)
    }

    // MARK: Visitors

    private final class Visit {
        let handler: VisitorHandler
        let channel: EmbeddedChannel

        init(_ core: ServerCore, _ loop: EmbeddedEventLoop, _ request: String = ServerLeaseTests.request) throws {
            handler = VisitorHandler(server: core)
            channel = EmbeddedChannel(handler: handler, loop: loop)
            try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
            try channel.writeInbound(ByteBuffer(string: request))
        }

        func received() throws -> String {
            var text = ""
            while let bytes = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
            return text
        }

        /// Whether the visitor's request was sent to a tunnel.
        var isSent: Bool { handler.conversation.isAnswerDue }
    }

    private func back(_ lost: ServerTunnel) throws -> ServerTunnel {
        let tunnel = try open(presenting: lost.lease)
        core.letVisitorsGoOn(to: tunnel.subdomain)
        return tunnel
    }

    @Test func aRequestWaitsForTheTunnelToComeBack() throws {
        let lost = try open()
        let early = try Visit(core, loop)
        #expect(early.isSent)
        lost.linkEnded(.silent)
        // A request that was already sent to the old tunnel is not sent again.
        #expect(try early.received().hasPrefix("HTTP/1.1 503 "))
        let visit = try Visit(core, loop)
        loop.advanceTime(by: .seconds(9))
        #expect(try visit.received() == "")
        #expect(!visit.isSent)
        let tunnel = try open(presenting: lost.lease)
        // The request is not sent before the client's greeting, and later requests are not sent before it.
        let next = try Visit(core, loop)
        #expect(!visit.isSent && !next.isSent)
        core.letVisitorsGoOn(to: tunnel.subdomain)
        #expect(visit.isSent && next.isSent && !early.isSent)
        try visit.handler.conversation.targetSent(ByteBuffer(string: "HTTP/1.1 204 No Content\r\n\r\n"))
        visit.handler.conversation.flushVisitor()
        #expect(try visit.received() == "HTTP/1.1 204 No Content\r\n\r\n")
        // Its time limit no longer runs.
        loop.advanceTime(by: .seconds(20))
        #expect(try next.received() == "")
    }

    @Test func aRequestThatHasWaitedTenSecondsIsAnswered() throws {
        try open().linkEnded(.silent)
        let visit = try Visit(core, loop)
        loop.advanceTime(by: .seconds(10) - .milliseconds(1))
        #expect(try visit.received() == "")
        loop.advanceTime(by: .milliseconds(1))
        #expect(try visit.received().hasPrefix("HTTP/1.1 503 "))
    }

    @Test func noRequestWaitsOnceTheNameIsFree() throws {
        try open().linkEnded(.silent)
        loop.advanceTime(by: .seconds(85))
        let visit = try Visit(core, loop)
        #expect(try visit.received() == "")
        loop.advanceTime(by: .seconds(5))
        #expect(try visit.received().hasSuffix("(tunnel not found)\n"))
    }

    @Test func aNameHasRoomFor256Visitors() throws {
        let lost = try open()
        lost.linkEnded(.silent)
        let visits = try (1...256).map { _ in try Visit(core, loop) }
        let refused = try Visit(core, loop).received()
        #expect(refused.hasPrefix("HTTP/1.1 503 ") && refused.contains("\r\nRetry-After: 2\r\n"))
        // A visitor that leaves makes room.
        _ = try visits[0].channel.finish()
        loop.run()
        #expect(try Visit(core, loop).received() == "")
        _ = try back(lost)
        #expect(visits.dropFirst().allSatisfy { $0.isSent })
    }

    @Test func moreThan64KiBOfARequestDoNotWait() throws {
        try open().linkEnded(.silent)
        let visit = try Visit(core, loop, "POST / HTTP/1.1\r\nHost: one.x\r\nContent-Length: 99999\r\n\r\n")
        try visit.channel.writeInbound(ByteBuffer(repeating: 0x78, count: 60_000))
        #expect(try visit.received() == "")
        try visit.channel.writeInbound(ByteBuffer(repeating: 0x78, count: 6_000))
        let refused = try visit.received()
        #expect(refused.hasPrefix("HTTP/1.1 503 ") && refused.contains("\r\nRetry-After: 2\r\n"))
    }

    @Test func theTimeLimitOfARequestStartsWhenItGoesOn() throws {
        let lost = try open()
        lost.linkEnded(.silent)
        let visit = try Visit(core, loop, "POST / HTTP/1.1\r\nHost: one.x\r\nContent-Length: 5\r\n\r\nab")
        loop.advanceTime(by: .seconds(5))
        _ = try back(lost)
        visit.channel.read()
        #expect(try visit.received() == "")
        loop.advanceTime(by: VisitorHandler.requestIdleLimit)
        #expect(try visit.received().hasPrefix("HTTP/1.1 408 "))
    }

    @Test(arguments: ["", "half"]) func aVisitorThatClosedItsHalfIsAnswered(extensions: String) throws {
        let lost = try open()
        lost.linkEnded(.silent)
        let visit = try Visit(core, loop)
        visit.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        let offered = TunnelExtensions(headers: [extensions])
        core.letVisitorsGoOn(to: try open("one", for: 1, offered, presenting: lost.lease).subdomain)
        #expect(visit.isSent)
        try visit.handler.conversation.targetSent(ByteBuffer(string: "HTTP/1.1 204 No Content\r\n\r\n"))
        loop.run()
        #expect(try visit.received() == "HTTP/1.1 204 No Content\r\n\r\n")
    }

    @Test func aVisitorThatClosedItsHalfWithinItsRequestIsNotAnswered() throws {
        let lost = try open()
        lost.linkEnded(.silent)
        let visit = try Visit(core, loop, "POST / HTTP/1.1\r\nHost: one.x\r\nContent-Length: 5\r\n\r\nab")
        visit.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        _ = try back(lost)
        #expect(!visit.isSent)
    }

    @Test func aStoppingServerKeepsNoVisitorWaiting() throws {
        try open().linkEnded(.silent)
        let visit = try Visit(core, loop)
        _ = core.stop(deadline: loop.now)
        #expect(try visit.received().hasSuffix("(the server is stopping)\n"))
    }

    @Test func aTunnelThatIsLostAgainBeforeItsGreetingKeepsThemWaiting() throws {
        let lost = try open()
        lost.linkEnded(.silent)
        let visit = try Visit(core, loop)
        let second = try open(presenting: lost.lease)
        second.linkEnded(.connectionLost(.closed))
        core.letVisitorsGoOn(to: second.subdomain)
        #expect(try visit.received() == "")
        _ = try back(second)
        #expect(visit.isSent)
    }
}
