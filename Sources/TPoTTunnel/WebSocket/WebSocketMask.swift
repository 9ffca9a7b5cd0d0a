/// The masking of RFC 6455 section 5.3, sixteen bytes at a time. NIOWebSocket masks byte by byte, which costs each side
/// about 2 ms of CPU per MiB.
package struct WebSocketMask: Hashable, Sendable {
    /// The four key bytes, the first one in the lowest bits.
    var key: UInt32

    package init(key: UInt32) {
        self.key = key
    }

    /// The mask as it continues after `count` bytes.
    func advanced(by count: Int) -> WebSocketMask {
        let bits = UInt32(count & 3) * 8
        return bits == 0 ? self : WebSocketMask(key: key >> bits | key << (32 - bits))
    }

    /// Writes `source` xor mask to `destination`, which must have room for it. The two may be the same memory.
    package func apply(from source: UnsafeRawBufferPointer, to destination: UnsafeMutableRawPointer) {
        guard let start = source.baseAddress else { return }
        let count = source.count
        let wide = SIMD4<UInt32>(repeating: key.littleEndian)
        var index = 0
        while index &+ 16 <= count {
            let block = start.loadUnaligned(fromByteOffset: index, as: SIMD4<UInt32>.self)
            destination.storeBytes(of: block ^ wide, toByteOffset: index, as: SIMD4<UInt32>.self)
            index &+= 16
        }
        var rest = key
        while index < count {
            let byte = start.load(fromByteOffset: index, as: UInt8.self)
            destination.storeBytes(of: byte ^ UInt8(truncatingIfNeeded: rest), toByteOffset: index, as: UInt8.self)
            rest = rest >> 8 | rest << 24
            index &+= 1
        }
    }
}

/// Masking keys from the system's random source, drawn in batches: otherwise each frame would need a system call.
struct WebSocketMaskSource: Sendable {
    private var keys: [UInt32] = []
    private var generator = SystemRandomNumberGenerator()

    mutating func next() -> WebSocketMask {
        if keys.isEmpty {
            // Each call of Swift's generator is a system call, so a batch is drawn at once.
            keys = [UInt32](unsafeUninitializedCapacity: 64) { buffer, count in
                count = RandomBytes.fill(UnsafeMutableRawBufferPointer(buffer)) ? 64 : 0
            }
            if keys.isEmpty { return WebSocketMask(key: generator.next()) }
        }
        return WebSocketMask(key: keys.removeLast())
    }
}
