import CZlib

/// A content coding that can be undone and applied again (RFC 9110, 8.4).
enum ContentCoder: Hashable, Sendable {
    case gzip
    /// `deflate` with the header of zlib, as it should be, or without one, as some programs write it.
    case zlib, rawDeflate
    case brotli, zstandard

    /// Nil if the name is that of no coding that is known here.
    /// - Parameter bytes: what was coded, because `deflate` has two forms.
    init?(_ name: String, of bytes: [UInt8] = []) {
        switch name {
        case "gzip", "x-gzip": self = .gzip
        case "deflate": self = bytes.isEmpty || Self.hasZlibHeader(bytes) ? .zlib : .rawDeflate
        case "br": self = .brotli
        case "zstd": self = .zstandard
        default: return nil
        }
    }

    /// The library that the system lacks for encoding; nil if nothing is missing.
    var missingLibrary: String? {
        switch self {
        case .gzip, .zlib, .rawDeflate: nil
        case .brotli: BrotliEncoder.shared == nil ? BrotliEncoder.library : nil
        case .zstandard: ZstandardEncoder.shared == nil ? ZstandardEncoder.library : nil
        }
    }

    /// Nil if the library is missing.
    func decoded(_ bytes: [UInt8], limit: Int) -> CodingResult? {
        switch self {
        case .gzip: Inflater.inflate(bytes, .gzip, limit: limit)
        case .zlib, .rawDeflate: Inflater.inflate(bytes, .deflate, limit: limit)
        case .brotli: BrotliDecoder.shared?.decode(bytes, limit: limit)
        case .zstandard: ZstandardDecoder.shared?.decode(bytes, limit: limit)
        }
    }

    /// Nil if the library is missing or fails.
    func encoded(_ bytes: [UInt8]) -> [UInt8]? {
        switch self {
        case .gzip: Self.deflated(bytes, windowBits: MAX_WBITS + 16)
        case .zlib: Self.deflated(bytes, windowBits: MAX_WBITS)
        case .rawDeflate: Self.deflated(bytes, windowBits: -MAX_WBITS)
        case .brotli: BrotliEncoder.shared?.encode(bytes)
        case .zstandard: ZstandardEncoder.shared?.encode(bytes)
        }
    }

    /// RFC 1950, 2.2: method 8, and a check of the first two bytes.
    private static func hasZlibHeader(_ bytes: [UInt8]) -> Bool {
        bytes.count >= 2 && bytes[0] & 0x0f == 8 && (Int(bytes[0]) << 8 | Int(bytes[1])) % 31 == 0
    }

    private static func deflated(_ input: [UInt8], windowBits: Int32) -> [UInt8]? {
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        let status = deflateInit2_(
            &stream,
            Z_DEFAULT_COMPRESSION,
            Z_DEFLATED,
            windowBits,
            8,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            size
        )
        guard status == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        let room = Int(deflateBound(&stream, UInt(input.count)))
        // zlib takes lengths of 32 bits. No edited body is nearly as long.
        guard room < UInt32.max else { return nil }
        var isComplete = false
        let output = input.withUnsafeBufferPointer { source in
            [UInt8](unsafeUninitializedCapacity: room) { target, count in
                // next_in is not const in zlib's header, but nothing is written through it.
                stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(room)
                isComplete = CZlib.deflate(&stream, Z_FINISH) == Z_STREAM_END
                count = room - Int(stream.avail_out)
            }
        }
        return isComplete ? output : nil
    }
}

/// Encodes Brotli (RFC 7932) with the system's libbrotlienc.
struct BrotliEncoder: Sendable {
    static let library = "libbrotlienc.so.1"

    // The functions of brotli/encode.h. All counts are size_t.
    private typealias Compress =
        @Sendable @convention(c) (
            Int32, Int32, Int32, Int, UnsafePointer<UInt8>?, UnsafeMutablePointer<Int>, UnsafeMutablePointer<UInt8>?
        ) -> Int32
    private typealias Bound = @Sendable @convention(c) (Int) -> Int

    private static let quality: Int32 = 5
    /// A window of 4 MiB, the default.
    private static let windowBits: Int32 = 22

    /// Nil if the system does not have the library.
    static let shared = BrotliEncoder()

    private let compress: Compress
    private let bound: Bound

    private init?() {
        guard let library = OptionalLibrary(Self.library),
            let compress = library.function("BrotliEncoderCompress", as: Compress.self),
            let bound = library.function("BrotliEncoderMaxCompressedSize", as: Bound.self)
        else { return nil }
        self.compress = compress
        self.bound = bound
    }

    /// Nil if the library fails.
    func encode(_ input: [UInt8]) -> [UInt8]? {
        let room = bound(input.count)
        guard room > 0 else { return nil }
        var isComplete = false
        let output = input.withUnsafeBufferPointer { source in
            [UInt8](unsafeUninitializedCapacity: room) { target, count in
                var size = room
                let status = compress(
                    Self.quality,
                    Self.windowBits,
                    0,
                    source.count,
                    source.baseAddress,
                    &size,
                    target.baseAddress
                )
                isComplete = status == 1
                count = isComplete ? size : 0
            }
        }
        return isComplete ? output : nil
    }
}

/// Encodes Zstandard (RFC 8878) with the system's libzstd.
struct ZstandardEncoder: Sendable {
    static let library = "libzstd.so.1"

    // The functions of zstd.h. All counts are size_t.
    private typealias Compress =
        @Sendable @convention(c) (UnsafeMutableRawPointer?, Int, UnsafeRawPointer?, Int, Int32) -> Int
    private typealias Bound = @Sendable @convention(c) (Int) -> Int
    private typealias IsError = @Sendable @convention(c) (Int) -> UInt32

    /// The library's default.
    private static let level: Int32 = 3

    /// Nil if the system does not have the library.
    static let shared = ZstandardEncoder()

    private let compress: Compress
    private let bound: Bound
    private let isError: IsError

    private init?() {
        guard let library = OptionalLibrary(Self.library),
            let compress = library.function("ZSTD_compress", as: Compress.self),
            let bound = library.function("ZSTD_compressBound", as: Bound.self),
            let isError = library.function("ZSTD_isError", as: IsError.self)
        else { return nil }
        self.compress = compress
        self.bound = bound
        self.isError = isError
    }

    /// Nil if the library fails.
    func encode(_ input: [UInt8]) -> [UInt8]? {
        let room = bound(input.count)
        guard isError(room) == 0 else { return nil }
        var isComplete = false
        let output = input.withUnsafeBytes { source in
            [UInt8](unsafeUninitializedCapacity: room) { target, count in
                let size = compress(target.baseAddress, room, source.baseAddress, source.count, Self.level)
                isComplete = isError(size) == 0
                count = isComplete ? size : 0
            }
        }
        return isComplete ? output : nil
    }
}
