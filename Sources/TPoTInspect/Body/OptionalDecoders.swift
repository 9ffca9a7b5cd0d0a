#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A library that is used if the system has it. It is loaded when it is first needed, so that neither building nor
/// running the program depends on it.
///
/// It is never closed, so its functions stay valid.
struct OptionalLibrary {
    private let handle: UnsafeMutableRawPointer

    /// - Parameter name: the name for the loader, with the version whose interface is used: `libzstd.so.1`.
    init?(_ name: String) {
        guard let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) else { return nil }
        self.handle = handle
    }

    /// - Parameter type: the type of the C function, which nothing can check.
    func function<Function>(_ name: String, as type: Function.Type) -> Function? {
        dlsym(handle, name).map { unsafeBitCast($0, to: type) }
    }
}

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
