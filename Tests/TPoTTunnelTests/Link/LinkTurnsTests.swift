import NIOCore
import NIOPosix
import Testing

@testable import TPoTTunnel

@Suite struct LinkTurnsTests {
    private struct Starved: Error {}

    /// A link that always has more to send, and whose turn takes longer than the pause between turns.
    private final class BusyLink: LinkTurnTaker {
        private let turns: LinkTurns
        private let outcome: EventLoopPromise<Void>
        private var turnsLeft = 10_000
        private var isOver = false

        init(_ turns: LinkTurns, _ outcome: EventLoopPromise<Void>) {
            self.turns = turns
            self.outcome = outcome
            outcome.futureResult.assumeIsolated().whenComplete { _ in self.isOver = true }
        }

        func takeTurn() {
            let end = NIODeadline.now() + .microseconds(50)
            while .now() < end {}
            turnsLeft -= 1
            if turnsLeft == 0 { outcome.fail(Starved()) }
            if !isOver { turns.wait(self, on: outcome.futureResult.eventLoop) }
        }
    }

    private final class Reader: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        private let outcome: EventLoopPromise<Void>

        init(_ outcome: EventLoopPromise<Void>) {
            self.outcome = outcome
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { outcome.succeed() }
    }

    /// This needs a real event loop: an embedded one has no sockets that could starve.
    @Test(arguments: [1, 3]) func socketsAreReadBetweenTurns(links count: Int) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let outcome = group.next().makePromise(of: Void.self)
        let listener = try await ServerBootstrap(group: group)
            .childChannelInitializer { $0.pipeline.addHandler(Reader(outcome)) }
            .bind(host: "127.0.0.1", port: 0).get()
        let visitor = try await ClientBootstrap(group: group).connect(to: #require(listener.localAddress)).get()
        try await outcome.futureResult.eventLoop.submit {
            let turns = LinkTurns()
            for _ in 0..<count { BusyLink(turns, outcome).takeTurn() }
            visitor.writeAndFlush(ByteBuffer(string: "x"), promise: nil)
        }.get()
        try await outcome.futureResult.get()
        try await visitor.close()
        try await listener.close()
        try await group.shutdownGracefully()
    }
}
