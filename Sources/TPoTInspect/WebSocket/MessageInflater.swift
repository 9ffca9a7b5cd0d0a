import CZlib

/// Decompresses the messages of one direction of a WebSocket with permessage-deflate (RFC 7692, 7.2.2). A message may
/// refer to earlier ones.
final class MessageInflater {
    private static let step = 16 * 1024
    /// The bytes that the sender leaves out at the end of each message.
    private static let tail: [UInt8] = [0, 0, 0xff, 0xff]

    private var stream = z_stream()
    private let isReady: Bool
    private let keepsContext: Bool
    private var isDamaged = false

    /// - Parameter keepsContext: false if messages do not refer to earlier ones (`…_no_context_takeover`).
    init(keepsContext: Bool) {
        self.keepsContext = keepsContext
        isReady = inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    }

    deinit {
        if isReady { inflateEnd(&stream) }
    }

    /// Nil if the message, or an earlier one that it may refer to, is damaged or becomes longer than `limit`.
    func inflate(_ message: [UInt8], limit: Int) -> [UInt8]? {
        guard isReady, !isDamaged else { return nil }
        if !keepsContext { inflateReset(&stream) }
        var output: [UInt8] = []
        let isWhole = (message + Self.tail).withUnsafeBufferPointer { source in
            // next_in is not const in zlib's header, but nothing is written through it.
            stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
            stream.avail_in = UInt32(clamping: source.count)
            return run(into: &output, limit: limit)
        }
        stream.next_in = nil
        stream.avail_in = 0
        if !isWhole, keepsContext { isDamaged = true }
        return isWhole ? output : nil
    }

    private func run(into output: inout [UInt8], limit: Int) -> Bool {
        var buffer = [UInt8](repeating: 0, count: Self.step)
        while output.count <= limit {
            let status = buffer.withUnsafeMutableBufferPointer { room in
                stream.next_out = room.baseAddress
                stream.avail_out = UInt32(Self.step)
                return CZlib.inflate(&stream, Z_SYNC_FLUSH)
            }
            output += buffer[..<(Self.step - Int(stream.avail_out))]
            switch status {
            case Z_OK where stream.avail_in == 0 && stream.avail_out > 0: return true
            case Z_OK: continue
            // Nothing is left to do.
            case Z_BUF_ERROR: return stream.avail_in == 0
            // A sender may end the stream with a message. The next message begins a new one.
            case Z_STREAM_END: return inflateReset(&stream) == Z_OK
            default: return false
            }
        }
        return false
    }
}
