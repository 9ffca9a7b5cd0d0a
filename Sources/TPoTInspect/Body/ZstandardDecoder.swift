/// Decodes Zstandard (RFC 8878) with the system's libzstd.
struct ZstandardDecoder: Sendable {
    /// `ZSTD_inBuffer` and `ZSTD_outBuffer` of zstd.h: a pointer and two size_t.
    private struct Buffer {
        var start: UnsafeMutableRawPointer?
        var size: Int
        var position: Int
    }

    private typealias Create = @Sendable @convention(c) () -> OpaquePointer?
    private typealias Free = @Sendable @convention(c) (OpaquePointer?) -> Int
    private typealias SetParameter = @Sendable @convention(c) (OpaquePointer?, Int32, Int32) -> Int
    private typealias Decompress =
        @Sendable @convention(c) (
            OpaquePointer?, UnsafeMutableRawPointer, UnsafeMutableRawPointer
        ) -> Int
    private typealias IsError = @Sendable @convention(c) (Int) -> UInt32

    /// `ZSTD_d_windowLogMax`.
    private static let windowLogMax: Int32 = 100
    /// A window of 8 MiB, the limit in HTTP (RFC 9659, 3). The library would accept 128 MiB.
    private static let windowLog: Int32 = 23

    /// Nil if the system does not have the library.
    static let shared = ZstandardDecoder()

    private let create: Create
    private let free: Free
    private let setParameter: SetParameter
    private let decompress: Decompress
    private let isError: IsError

    private init?() {
        guard let library = OptionalLibrary("libzstd.so.1"),
            let create = library.function("ZSTD_createDStream", as: Create.self),
            let free = library.function("ZSTD_freeDStream", as: Free.self),
            let setParameter = library.function("ZSTD_DCtx_setParameter", as: SetParameter.self),
            let decompress = library.function("ZSTD_decompressStream", as: Decompress.self),
            let isError = library.function("ZSTD_isError", as: IsError.self)
        else { return nil }
        self.create = create
        self.free = free
        self.setParameter = setParameter
        self.decompress = decompress
        self.isError = isError
    }

    /// - Parameter limit: the most bytes of output.
    func decode(_ input: [UInt8], limit: Int) -> CodingResult {
        guard let stream = create() else { return CodingResult(bytes: [], ending: .damaged) }
        defer { _ = free(stream) }
        guard isError(setParameter(stream, Self.windowLogMax, Self.windowLog)) == 0 else {
            return CodingResult(bytes: [], ending: .damaged)
        }
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        return input.withUnsafeBytes { input in
            // Nothing is written through this pointer: it is const in zstd.h.
            var source = Buffer(
                start: UnsafeMutableRawPointer(mutating: input.baseAddress),
                size: input.count,
                position: 0
            )
            while output.count < limit {
                let room = min(buffer.count, limit - output.count)
                let (status, count) = buffer.withUnsafeMutableBytes { buffer in
                    var target = Buffer(start: buffer.baseAddress, size: room, position: 0)
                    let status = decompress(stream, &target, &source)
                    return (status, target.position)
                }
                output += buffer[..<count]
                guard isError(status) == 0 else { return CodingResult(bytes: output, ending: .damaged) }
                // The status is 0 at the end of a frame. Another frame may follow.
                if source.position == source.size, count < room {
                    return CodingResult(bytes: output, ending: status == 0 ? .complete : .cut)
                }
            }
            return CodingResult(bytes: output, ending: .limit)
        }
    }
}
