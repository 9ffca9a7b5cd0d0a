#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Bytes from the kernel's random source, many in one call.
enum RandomBytes {
    /// Fills a buffer of at most 256 bytes (getentropy(3)). If this fails, the caller uses Swift's own generator.
    static func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Bool {
        guard let start = buffer.baseAddress else { return true }
        return getentropy(start, buffer.count) == 0
    }

    /// `count` random bytes.
    static func array(count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
