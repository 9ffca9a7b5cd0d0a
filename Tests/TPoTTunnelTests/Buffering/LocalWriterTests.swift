import NIOCore
import NIOEmbedded
import Testing

@testable import TPoTTunnel

@Suite struct LocalWriterTests {
    /// Stands in for a visitor's or target's handler.
    private final class Owner: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        let writer = LocalWriter()
        var context: ChannelHandlerContext?
        var wasTold = false

        func handlerAdded(context: ChannelHandlerContext) { self.context = context }

        func channelInactive(context: ChannelHandlerContext) {
            wasTold = true
            writer.dropAll()
        }
    }

    /// A socket on which a write finds that the other side has gone.
    private final class BrokenSocket: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer

        func flush(context: ChannelHandlerContext) { context.close(promise: nil) }
    }

    private func start(_ handlers: [any ChannelHandler]) throws -> EmbeddedChannel {
        let channel = EmbeddedChannel()
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        try channel.pipeline.syncOperations.addHandlers(handlers)
        return channel
    }

    @Test func everythingLeavesInOrder() throws {
        let owner = Owner()
        let channel = try start([owner])
        let context = try #require(owner.context)
        let sent = (0..<600_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        var rest = ByteBuffer(bytes: sent)
        while let piece = rest.readSlice(length: min(rest.readableBytes, 70_001)), piece.readableBytes > 0 {
            owner.writer.add(piece)
        }
        #expect(owner.writer.flush(context) == false)
        var received: [UInt8] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { received += buffer.readableBytesView }
        #expect(received == sent)
        #expect(owner.writer.waitingBytes == 0)
    }

    @Test func aConnectionMayEndWithinAWrite() throws {
        let owner = Owner()
        _ = try start([BrokenSocket(), owner])
        for _ in 0..<4 { owner.writer.add(ByteBuffer(repeating: 1, count: 100_000)) }
        _ = owner.writer.flush(try #require(owner.context))
        #expect(owner.wasTold)
        #expect(owner.writer.queuedBytes == 0)
    }

    /// A socket that accepts nothing: all writes stay in the channel.
    private final class StuckSocket: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer

        var kept: [ByteBuffer] = []

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            kept.append(unwrapOutboundIn(data))
            context.write(data, promise: promise)
        }

        func flush(context: ChannelHandlerContext) {}
    }

    /// The writer checks what the channel still holds only now and then. Until it checks, that is little.
    @Test func aStuckSocketIsNoticedSoon() throws {
        let owner = Owner()
        let socket = StuckSocket()
        _ = try start([socket, owner])
        let context = try #require(owner.context)
        var sent = 0
        while !owner.writer.flush(context), sent < 1000 {
            // One byte of a large read.
            var read = ByteBuffer(repeating: 1, count: 100_000)
            let piece = read.readSlice(length: 1)
            owner.writer.add(try #require(piece))
            sent += 1
        }
        #expect(sent <= 20)
        #expect(owner.writer.waitingBytes == sent)
        // The writer did not know that these pieces would stay. Even so, none keeps its large read alive.
        #expect(socket.kept.dropLast().allSatisfy { $0.storageCapacity < 64 })
        #expect(owner.writer.flush(context) == false)
        owner.writer.add(ByteBuffer(repeating: 2, count: 5000))
        #expect(owner.writer.flush(context) == false)
        #expect(owner.writer.queuedBytes == 5000, "it gets no more until it has taken that")
    }
}
