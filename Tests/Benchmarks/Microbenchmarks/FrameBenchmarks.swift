import NIOCore
import TPoTTunnel

/// WebSocket frames and their masks.
enum FrameBenchmarks {
    static let all = [
        write("300 bytes", masked: false, small, each: "frame"),
        write("300 bytes", masked: true, small, each: "frame"),
        write("64 KiB", masked: false, large, each: "MiB"),
        write("64 KiB", masked: true, large, each: "MiB"),
        read("300 bytes", masked: false, small, each: "frame"),
        read("300 bytes", masked: true, small, each: "frame"),
        read("64 KiB", masked: false, large, each: "MiB"),
        read("64 KiB", masked: true, large, each: "MiB"),
        mask,
    ]

    private static let small = ByteBuffer(repeating: 7, count: 300)
    private static let large = ByteBuffer(repeating: 7, count: 64 * 1024)
    /// The number of small frames in one write or read. As many large frames are one MiB.
    private static let framesAtOnce = 16

    /// An operation is one small frame, or one MiB of large frames.
    private static func batches(of payload: ByteBuffer, in operations: Int) -> Int {
        payload.readableBytes == large.readableBytes ? operations : operations / framesAtOnce
    }

    private static func write(_ size: String, masked: Bool, _ payload: ByteBuffer, each unit: String) -> Benchmark {
        let name = "frame: write \(size), \(masked ? "masked" : "not masked")"
        return Benchmark(name, per: unit, batch: framesAtOnce) { operations in
            var writer = WebSocketFrameWriter(masks: masked)
            var batch = ByteBufferAllocator().buffer(capacity: 2 << 20)
            return {
                var bytes = 0
                for _ in 0..<batches(of: payload, in: operations) {
                    batch.clear()
                    for _ in 0..<framesAtOnce { writer.writeData(7, payload, into: &batch) }
                    bytes += batch.readableBytes
                }
                return bytes
            }
        }
    }

    /// Each read has 16 small frames, or one large frame.
    private static func read(_ size: String, masked: Bool, _ payload: ByteBuffer, each unit: String) -> Benchmark {
        let name = "frame: read \(size), \(masked ? "masked" : "not masked")"
        let isLarge = payload.readableBytes == large.readableBytes
        return Benchmark(name, per: unit, batch: framesAtOnce) { operations in
            var writer = WebSocketFrameWriter(masks: masked)
            var received = ByteBuffer()
            for _ in 0..<(isLarge ? 1 : framesAtOnce) { writer.writeData(7, payload, into: &received) }
            let bytes = received
            let reads = batches(of: payload, in: operations) * (isLarge ? framesAtOnce : 1)
            return {
                var decoder = WebSocketFrameDecoder(expectsMask: masked)
                var seen = 0
                do {
                    for _ in 0..<reads { try decoder.read(bytes) { _ in seen += 1 } }
                } catch {
                    // A result would measure something else, so the program stops here.
                    fatalError("our own frames are not understood: \(error)")
                }
                return seen
            }
        }
    }

    private static let mask = Benchmark("mask: in place, 64 KiB at a time", per: "MiB") { operations in
        let mask = WebSocketMask(key: 0x1234_5678)
        var bytes = [UInt8](repeating: 7, count: 64 * 1024)
        return {
            for _ in 0..<(operations * 16) {
                bytes.withUnsafeMutableBytes { bytes in
                    if let start = bytes.baseAddress { mask.apply(from: UnsafeRawBufferPointer(bytes), to: start) }
                }
            }
            return Int(bytes[17])
        }
    }
}
