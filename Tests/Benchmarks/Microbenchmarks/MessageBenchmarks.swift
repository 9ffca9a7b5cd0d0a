import NIOCore
import TPoTWire

/// The tunnel's messages, without their WebSocket frames.
enum MessageBenchmarks {
    static let all = [
        encode("data of 300 bytes", .data(7, ByteBuffer(repeating: 7, count: 300))),
        encode("an opening", .openHTTP(7, RemoteAddress(ip: 0xcb00_7109, port: 52110))),
        decode("data of 300 bytes", .data(7, ByteBuffer(repeating: 7, count: 300))),
        decode("an opening", .openHTTP(7, RemoteAddress(ip: 0xcb00_7109, port: 52110))),
    ]

    private static func encode(_ name: String, _ message: TunnelMessage) -> Benchmark {
        Benchmark("message: encode \(name)", per: "message") { operations in
            var buffer = ByteBufferAllocator().buffer(capacity: 1024)
            return {
                var bytes = 0
                for _ in 0..<operations {
                    buffer.clear()
                    message.write(into: &buffer)
                    bytes += buffer.readableBytes
                }
                return bytes
            }
        }
    }

    private static func decode(_ name: String, _ message: TunnelMessage) -> Benchmark {
        Benchmark("message: decode \(name)", per: "message") { operations in
            var encoded = ByteBuffer()
            message.write(into: &encoded)
            let bytes = encoded
            return {
                var decoder = TunnelMessageDecoder()
                var seen = 0
                do {
                    for _ in 0..<operations { try decoder.read(bytes, isEnd: true) { _ in seen += 1 } }
                } catch {
                    // A result would measure something else, so the program stops here.
                    fatalError("our own message is not understood: \(error)")
                }
                return seen
            }
        }
    }
}
