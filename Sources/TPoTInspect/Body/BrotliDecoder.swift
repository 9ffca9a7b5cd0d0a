/// Decodes Brotli (RFC 7932) with the system's libbrotlidec.
struct BrotliDecoder: Sendable {
    // The functions of brotli/decode.h. The state is opaque, and all counts are size_t.
    private typealias Create =
        @Sendable @convention(c) (OpaquePointer?, OpaquePointer?, OpaquePointer?) -> OpaquePointer?
    private typealias Destroy = @Sendable @convention(c) (OpaquePointer?) -> Void
    private typealias Decompress =
        @Sendable @convention(c) (
            OpaquePointer?, UnsafeMutablePointer<Int>, UnsafeMutablePointer<UnsafePointer<UInt8>?>,
            UnsafeMutablePointer<Int>, UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>, UnsafeMutablePointer<Int>?
        ) -> Int32

    private static let success: Int32 = 1
    private static let needsInput: Int32 = 2
    private static let needsOutput: Int32 = 3

    /// Nil if the system does not have the library.
    static let shared = BrotliDecoder()

    private let create: Create
    private let destroy: Destroy
    private let decompress: Decompress

    private init?() {
        guard let library = OptionalLibrary("libbrotlidec.so.1"),
            let create = library.function("BrotliDecoderCreateInstance", as: Create.self),
            let destroy = library.function("BrotliDecoderDestroyInstance", as: Destroy.self),
            let decompress = library.function("BrotliDecoderDecompressStream", as: Decompress.self)
        else { return nil }
        self.create = create
        self.destroy = destroy
        self.decompress = decompress
    }

    /// Uses at most 16 MiB of memory for the window.
    /// - Parameter limit: the most bytes of output.
    func decode(_ input: [UInt8], limit: Int) -> CodingResult {
        guard let state = create(nil, nil, nil) else { return CodingResult(bytes: [], ending: .damaged) }
        defer { destroy(state) }
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        return input.withUnsafeBufferPointer { input in
            var next = input.baseAddress
            var left = input.count
            while output.count < limit {
                let room = min(buffer.count, limit - output.count)
                var free = room
                let status = buffer.withUnsafeMutableBufferPointer { buffer in
                    var target = buffer.baseAddress
                    return decompress(state, &left, &next, &free, &target, nil)
                }
                output += buffer[..<(room - free)]
                switch status {
                case Self.success: return CodingResult(bytes: output, ending: .complete)
                case Self.needsInput: return CodingResult(bytes: output, ending: .cut)
                case Self.needsOutput: continue
                default: return CodingResult(bytes: output, ending: .damaged)
                }
            }
            return CodingResult(bytes: output, ending: .limit)
        }
    }
}
