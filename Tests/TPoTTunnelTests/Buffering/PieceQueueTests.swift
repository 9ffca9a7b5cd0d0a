import NIOCore
import Testing

@testable import TPoTTunnel

@Suite struct PieceQueueTests {
    @Test func smallPiecesLeaveTogetherAndInOrder() {
        var queue = PieceQueue()
        var sent: [UInt8] = []
        for number in 0..<10_000 {
            queue.append(ByteBuffer(integer: UInt8(truncatingIfNeeded: number)))
            sent.append(UInt8(truncatingIfNeeded: number))
        }
        #expect(queue.bytes == 10_000)
        var pieces: [ByteBuffer] = []
        while let piece = queue.popFirst() { pieces.append(piece) }
        #expect(pieces.flatMap { Array($0.readableBytesView) } == sent)
        #expect(pieces.count < 10)
        #expect(queue.bytes == 0 && queue.isEmpty)
    }

    /// Slices of all sizes, in receive buffers of the largest size.
    @Test(arguments: [1, 500, 5_000, 8 * 1024, 33_000, 65_540, 100_000]) func waitingPiecesKeepNoReceiveBufferAlive(
        size: Int
    ) {
        var queue = PieceQueue()
        for _ in 0..<100 {
            let receiveBuffer = ByteBuffer(repeating: 1, count: 256 * 1024)
            if let slice = receiveBuffer.getSlice(at: 1_000, length: size) { queue.append(slice) }
            queue.compactFirst()
        }
        #expect(queue.bytes == 100 * size)
        let memory = queue.memory
        var storage = 0
        while let piece = queue.popFirst() { storage += piece.storageCapacity }
        #expect(storage == memory && queue.memory == 0)
        #expect(storage < 2 * 100 * size + 32 * 1024)
    }

    @Test func memoryIsCountedThroughSlicesAndDrops() {
        var queue = PieceQueue()
        for size in [100_000, 5_000, 10, 10, 60_000] { queue.append(ByteBuffer(repeating: 1, count: size)) }
        while queue.bytes > 50_000 {
            _ = queue.popFirst(limit: 7_000)
            queue.compactFirst()
            #expect(queue.memory < 3 * queue.bytes)
        }
        queue.removeAll()
        #expect(queue.memory == 0)
    }

    @Test func largePiecesAreCutToTheLimit() {
        var queue = PieceQueue()
        queue.append(ByteBuffer(repeating: 1, count: 100))
        queue.append(ByteBuffer(repeating: 2, count: 5000))
        #expect(queue.popFirst(limit: 60)?.readableBytes == 60)
        #expect(queue.bytes == 5040)
        #expect(queue.popFirst(limit: 60)?.readableBytes == 40)
        #expect(queue.popFirst()?.readableBytes == 5000)
        #expect(queue.popFirst() == nil)
    }
}
