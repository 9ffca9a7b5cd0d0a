import NIOCore

extension ByteBuffer {
    /// The buffer itself, or a copy of its readable bytes if they are less than half of the memory that it keeps alive.
    ///
    /// Meant for bytes that have to wait, because a slice keeps its whole receive buffer alive. A copy is not copied again:
    /// the capacity of a new buffer is less than twice the bytes that it was made for.
    package func compacted() -> ByteBuffer {
        readableBytes * 2 < storageCapacity ? ByteBuffer(bytes: readableBytesView) : self
    }
}
