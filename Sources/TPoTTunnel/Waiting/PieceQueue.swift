import DequeModule
import NIOCore

/// Bytes that wait for a socket, in pieces.
///
/// What it keeps is bounded by what it counts, to eight times that at worst: small pieces are put together, because each
/// on its own costs a hundred bytes of bookkeeping, and a slice that is a small part of its receive buffer is copied,
/// because it would keep all of that. Whoever sends single bytes would else make a thousand times as much wait as the
/// limits say.
struct PieceQueue {
    /// A slice keeps at most this many times its own size alive.
    private static let storageRatio = 8
    /// Pieces up to this are put together, up to ``joinedBytes``.
    private static let smallBytes = 4 * 1024
    private static let joinedBytes = 16 * 1024

    private var pieces = Deque<ByteBuffer>()
    private(set) var bytes = 0

    var isEmpty: Bool { pieces.isEmpty }

    mutating func append(_ piece: ByteBuffer) {
        let count = piece.readableBytes
        guard count > 0 else { return }
        bytes += count
        guard let last = pieces.last, count <= Self.smallBytes, last.readableBytes + count <= Self.joinedBytes else {
            // The first one usually leaves within this turn of the loop.
            pieces.append(pieces.isEmpty ? piece : piece.detached(ratio: Self.storageRatio))
            return
        }
        pieces[pieces.count - 1].writeImmutableBuffer(piece)
    }

    /// The first piece, or a slice of it if it has more than `limit` bytes.
    mutating func popFirst(limit: Int = .max) -> ByteBuffer? {
        guard var piece = pieces.popFirst() else { return nil }
        if piece.readableBytes > limit, let slice = piece.readSlice(length: limit) {
            pieces.prepend(piece)
            piece = slice
        }
        bytes -= piece.readableBytes
        return piece
    }

    /// To be called where the turn of the loop ends and the pieces stay.
    mutating func detachFirst() {
        if !pieces.isEmpty { pieces[0] = pieces[0].detached(ratio: Self.storageRatio) }
    }

    mutating func removeAll() {
        pieces.removeAll()
        bytes = 0
    }
}

extension ByteBuffer {
    /// Itself, or a copy if it is less than a `ratio`th of what it keeps alive.
    fileprivate func detached(ratio: Int) -> ByteBuffer {
        readableBytes * ratio < storageCapacity ? ByteBuffer(bytes: readableBytesView) : self
    }
}
