import NIOCore

/// Bytes of one direction that have come and have not been pulled.
struct HTTPPendingBytes: Sendable {
    private var buffer = ByteBuffer()

    var count: Int { buffer.readableBytes }

    /// Bytes of memory that they keep alive.
    var memory: Int { count > 0 ? buffer.storageCapacity : 0 }

    /// Nothing is copied when nothing is pending: the buffer that came in is kept, and slices of it go out again.
    mutating func append(_ bytes: ByteBuffer) {
        guard count > 0 else {
            buffer = bytes
            return
        }
        // What is ahead of the reader index has been handed out; without this a long conversation would keep it all.
        buffer.discardReadBytes()
        buffer.writeImmutableBuffer(bytes)
    }

    /// To be called where the bytes stay until more come.
    mutating func compact() {
        buffer = buffer.compacted()
    }

    /// The next `length` bytes, with the reader index 0. The last ones take the storage along: nothing is kept alive here.
    mutating func take(_ length: Int) -> ByteBuffer {
        guard length < count else {
            defer { buffer = ByteBuffer() }
            return buffer.slice()
        }
        return buffer.readSlice(length: length) ?? ByteBuffer()
    }

    mutating func takeAll() -> ByteBuffer? {
        count > 0 ? take(count) : nil
    }

    /// The next bytes of a body with a length, as many as there are.
    mutating func take(upTo remaining: inout UInt64) -> ByteBuffer? {
        guard count > 0 else { return nil }
        let length = Int(min(remaining, UInt64(count)))
        remaining -= UInt64(length)
        return take(length)
    }

    /// The next bytes of a chunked body, as many as there are and belong to it.
    mutating func take(through scanner: inout HTTPChunkScanner) -> ByteBuffer? {
        let length = withBytes { scanner.scan($0) }
        return length > 0 ? take(length) : nil
    }

    @inline(__always)
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        buffer.withUnsafeReadableBytes(body)
    }
}
