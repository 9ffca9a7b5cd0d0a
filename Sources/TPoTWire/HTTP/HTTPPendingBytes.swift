import NIOCore

/// Bytes of one direction that were appended and not yet pulled.
struct HTTPPendingBytes: Sendable {
    private var buffer = ByteBuffer()

    var count: Int { buffer.readableBytes }

    /// Bytes of memory that they keep alive.
    var memory: Int { count > 0 ? buffer.storageCapacity : 0 }

    /// Nothing is copied when nothing is pending: the appended buffer is kept, and slices of it are handed out.
    mutating func append(_ bytes: ByteBuffer) {
        guard count > 0 else {
            buffer = bytes
            return
        }
        // Bytes before the reader index have been handed out. Without this, a long conversation would keep them all.
        buffer.discardReadBytes()
        buffer.writeImmutableBuffer(bytes)
    }

    /// Call it when the bytes have to wait for more.
    mutating func compact() {
        buffer = buffer.compacted()
    }

    /// The next `length` bytes, with reader index 0. When the last bytes are taken, no storage is kept here.
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

    /// The available bytes of a body with a known length.
    mutating func take(upTo remaining: inout UInt64) -> ByteBuffer? {
        guard count > 0 else { return nil }
        let length = Int(min(remaining, UInt64(count)))
        remaining -= UInt64(length)
        return take(length)
    }

    /// The available bytes of a chunked body, up to its end.
    mutating func take(through scanner: inout HTTPChunkScanner) -> ByteBuffer? {
        let length = withBytes { scanner.scan($0) }
        return length > 0 ? take(length) : nil
    }

    @inline(__always)
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        buffer.withUnsafeReadableBytes(body)
    }
}
