import CZlib

/// Decompresses gzip (RFC 1952), zlib (RFC 1950) and raw deflate (RFC 1951).
enum Inflater {
    enum Format {
        case gzip
        /// `deflate` of HTTP, which has a zlib header (RFC 9110, 8.4.1.2). Some servers leave the header out, which is
        /// accepted too.
        case deflate
    }

    /// Decompresses as much as possible. If the stream is incomplete or damaged, the output before that place is
    /// returned.
    /// - Parameter limit: the most bytes of output.
    static func inflate(_ input: [UInt8], _ format: Format, limit: Int) -> CodingResult {
        switch format {
        case .gzip:
            return run(input, windowBits: MAX_WBITS + 16, limit: limit)
        case .deflate:
            let result = run(input, windowBits: MAX_WBITS, limit: limit)
            guard result.bytes.isEmpty, result.ending == .damaged else { return result }
            return run(input, windowBits: -MAX_WBITS, limit: limit)
        }
    }

    private static let step = 64 * 1024

    private static func run(_ input: [UInt8], windowBits: Int32, limit: Int) -> CodingResult {
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        guard inflateInit2_(&stream, windowBits, ZLIB_VERSION, size) == Z_OK else {
            return CodingResult(bytes: [], ending: .damaged)
        }
        defer { inflateEnd(&stream) }
        // zlib takes a length of 32 bits. No captured body is nearly as long.
        let input = input.prefix(Int(UInt32.max >> 1))
        return input.withUnsafeBufferPointer { source in
            // next_in is not const in zlib's header, but nothing is written through it.
            stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
            stream.avail_in = UInt32(source.count)
            var output: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: step)
            while output.count < limit {
                let room = min(step, limit - output.count)
                let status = buffer.withUnsafeMutableBufferPointer { inflateStep(&stream, $0, room) }
                output += buffer[..<(room - Int(stream.avail_out))]
                switch status {
                case Z_OK where stream.avail_in == 0 && stream.avail_out > 0:
                    return CodingResult(bytes: output, ending: .cut)
                case Z_OK:
                    continue
                case Z_STREAM_END:
                    // Several gzip members in a row are one content (RFC 1952, 2.2). Zeros after the last one are
                    // padding, as tapes and block devices add it. gzip(1) ignores it, too.
                    let isPadding = source.suffix(Int(stream.avail_in)).allSatisfy { $0 == 0 }
                    guard windowBits > MAX_WBITS, !isPadding, inflateReset(&stream) == Z_OK else {
                        return CodingResult(bytes: output, ending: .complete)
                    }
                case Z_BUF_ERROR:
                    return CodingResult(bytes: output, ending: .cut)
                default:
                    return CodingResult(bytes: output, ending: .damaged)
                }
            }
            return CodingResult(bytes: output, ending: .limit)
        }
    }

    private static func inflateStep(
        _ stream: inout z_stream,
        _ buffer: UnsafeMutableBufferPointer<UInt8>,
        _ room: Int
    ) -> Int32 {
        stream.next_out = buffer.baseAddress
        stream.avail_out = UInt32(room)
        return CZlib.inflate(&stream, Z_NO_FLUSH)
    }
}
