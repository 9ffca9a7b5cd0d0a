import DequeModule
import NIOCore
import TPoTWire

/// Bytes that wait for a socket, in pieces.
///
/// Small pieces are joined, because each separate piece costs a hundred bytes of bookkeeping. A slice that is less than
/// half of its receive buffer is copied, because it would keep the whole buffer alive.
struct PieceQueue {
    /// Pieces of up to this size are joined into pieces of up to ``joinedBytes``.
    private static let smallBytes = 4 * 1024
    private static let joinedBytes = 16 * 1024

    private var pieces = Deque<ByteBuffer>()
    private(set) var bytes = 0
    /// Bytes of memory that the pieces keep alive: less than twice ``bytes``, except while a first piece has just
    /// arrived.
    private(set) var memory = 0

    var isEmpty: Bool { pieces.isEmpty }

    mutating func append(_ piece: ByteBuffer) {
        let count = piece.readableBytes
        guard count > 0 else { return }
        bytes += count
        guard let last = pieces.last, count <= Self.smallBytes, last.readableBytes + count <= Self.joinedBytes else {
            // The first piece is not copied: it usually leaves within this turn of the event loop.
            let kept = pieces.isEmpty ? piece : piece.compacted()
            memory += kept.storageCapacity
            pieces.append(kept)
            return
        }
        memory -= last.storageCapacity
        pieces[pieces.count - 1].writeImmutableBuffer(piece)
        memory += pieces[pieces.count - 1].storageCapacity
    }

    /// Removes the first piece, or a slice of it if it has more than `limit` bytes.
    mutating func popFirst(limit: Int = .max) -> ByteBuffer? {
        guard var piece = pieces.popFirst() else { return nil }
        memory -= piece.storageCapacity
        if piece.readableBytes > limit, let slice = piece.readSlice(length: limit) {
            memory += piece.storageCapacity
            pieces.prepend(piece)
            piece = slice
        }
        bytes -= piece.readableBytes
        return piece
    }

    /// Copies the first piece if it keeps too large a buffer alive. Call this when pieces remain at the end of a turn
    /// of the event loop.
    mutating func compactFirst() {
        guard let first = pieces.first else { return }
        let kept = first.compacted()
        memory += kept.storageCapacity - first.storageCapacity
        pieces[0] = kept
    }

    mutating func removeAll() {
        pieces.removeAll()
        bytes = 0
        memory = 0
    }
}
