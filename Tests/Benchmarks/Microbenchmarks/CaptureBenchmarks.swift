import NIOCore
import TPoTCapture
import TPoTInspect
import TPoTTraffic
import TPoTWire

/// What an exchange costs the capture, which is not on the path of bytes but runs on the same machine.
enum CaptureBenchmarks {
    static let all = [
        exchanges("capture: an exchange without bodies", body: .count(1024)),
        exchanges("capture: an exchange with a body of 1 KiB", body: .bytes(ByteBuffer(repeating: 7, count: 1024))),
        kept("capture: an exchange on a kept connection") {
            let store = CaptureStore(meaning: .inspection)
            return { batch in
                store.consume(batch)
                return Int(truncatingIfNeeded: store.version)
            }
        },
        // What an exchange costs the headless printer, without formatting and writing.
        kept("capture: an exchange that is reported when it ends") {
            var assembler = ExchangeAssembler(reportsProgress: false)
            return { batch in
                var seen = 0
                for event in batch.events { assembler.consume(event) { _ in seen += 1 } }
                return seen
            }
        },
    ]

    /// How many exchanges are in each batch that the bus is drained of.
    private static let exchangesAtOnce = 100

    private static func exchanges(_ name: String, body: TrafficBytes) -> Benchmark {
        Benchmark(name, per: "exchange", batch: exchangesAtOnce) { operations in
            let store = CaptureStore(meaning: .inspection)
            let batches = (0..<(operations / exchangesAtOnce)).map { batch in
                let numbers = (0..<exchangesAtOnce).map { ConversationNumber(batch * exchangesAtOnce + $0 + 1) }
                return TrafficBus.Batch(events: numbers.flatMap { events(of: $0, body) })
            }
            return {
                for batch in batches { store.consume(batch) }
                return Int(truncatingIfNeeded: store.version)
            }
        }
    }

    /// Small requests, again and again, on ``exchangesAtOnce`` connections that stay open.
    private static func kept(
        _ name: String,
        _ watcher: @escaping @Sendable () -> (TrafficBus.Batch) -> Int
    ) -> Benchmark {
        Benchmark(name, per: "exchange", batch: exchangesAtOnce) { operations in
            let watch = watcher()
            let exchanges = (1...exchangesAtOnce).map { events(of: ConversationNumber($0), .count(13)) }
            Outcome.note(watch(TrafficBus.Batch(events: exchanges.flatMap { $0.prefix(2) })))
            let requests = exchanges.flatMap { $0[2...3] }
            let answers = exchanges.flatMap { $0[4...6] }
            return {
                (0..<operations / exchangesAtOnce).reduce(0) { seen, _ in
                    seen &+ watch(TrafficBus.Batch(events: requests)) &+ watch(TrafficBus.Batch(events: answers))
                }
            }
        }
    }

    private static func events(of number: ConversationNumber, _ body: TrafficBytes) -> [TrafficEvent] {
        let request = Array("GET /hooks/\(number) HTTP/1.1\r\nHost: shop.example.com\r\n\r\n".utf8)
        let sent = Array("GET /hooks/\(number) HTTP/1.1\r\nHost: localhost:8080\r\n\r\n".utf8)
        let response = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: \(body.count)\r\n\r\n"
        let kinds: [TrafficEvent.Kind] = [
            .opened(.visitor(id: ConversationID(number % 65_535 + 1), RemoteAddress(ip: 0xcb00_7109, port: 52110))),
            .targetConnected,
            .requestHead(received: request, sent: sent),
            .requestEnd,
            .responseHead(Array(response.utf8)),
            .responseBody(body),
            .responseEnd,
            .closed(.targetClosed(complete: true)),
        ]
        return kinds.enumerated().map { offset, kind in
            let time = NIODeadline.uptimeNanoseconds(number * 1_000_000 + UInt64(offset) * 10_000)
            return TrafficEvent(time: time, conversation: number, kind: kind)
        }
    }
}
