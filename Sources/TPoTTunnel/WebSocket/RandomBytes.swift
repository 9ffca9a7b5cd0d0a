#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Bytes from the kernel's random source, many in one call: at most 256 (getentropy(3)).
enum RandomBytes {
    /// Fills the buffer; false where the kernel did not give all of it, and the caller falls back on Swift's generator.
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
