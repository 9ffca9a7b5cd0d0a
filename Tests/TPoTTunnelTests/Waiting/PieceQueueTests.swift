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

    @Test func whatWaitsKeepsNoReceiveBufferAlive() {
        var queue = PieceQueue()
        for _ in 0..<100 {
            let receiveBuffer = ByteBuffer(repeating: 1, count: 256 * 1024)
            if let slice = receiveBuffer.getSlice(at: 0, length: 8 * 1024) { queue.append(slice) }
            queue.detachFirst()
        }
        var storage = 0
        while let piece = queue.popFirst() { storage += piece.storageCapacity }
        #expect(storage < 2 * 100 * 8 * 1024)
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
