import NIOCore

extension ByteBuffer {
    /// Itself, or a copy of its readable bytes if they are less than half of the memory that it keeps alive.
    ///
    /// For bytes that wait: a slice keeps its whole receive buffer. What was copied is not copied again, because a buffer's
    /// capacity is less than twice the bytes that it was made for.
    package func compacted() -> ByteBuffer {
        readableBytes * 2 < storageCapacity ? ByteBuffer(bytes: readableBytesView) : self
    }
}
