import Dispatch
import NIOConcurrencyHelpers
import NIOCore
import TPoTTraffic

/// What publishing events costs the path of bytes.
enum BusBenchmarks {
    static let all = [alone, watched]

    private static let event = TrafficEvent(
        time: .uptimeNanoseconds(1),
        conversation: 1,
        kind: .responseBody(.bytes(ByteBuffer(repeating: 7, count: 300)))
    )

    private static let unlimited = TrafficBus.Limits(events: .max, bytes: .max)

    /// The same thread drains the bus now and then, so that the inbox does not grow without limit.
    private static let alone = Benchmark("bus: publish", per: "event", batch: 1024) { operations in
        let bus = TrafficBus(limits: unlimited)
        var spare: [TrafficEvent] = []
        return {
            var seen = 0
            for _ in 0..<(operations / 1024) {
                for _ in 0..<1024 { bus.publish(event) }
                spare = bus.drain(reusing: spare).events
                seen += spare.count
            }
            return seen
        }
    }

    private static let watched = Benchmark("bus: publish while another thread drains", per: "event") { operations in
        let bus = TrafficBus(limits: unlimited)
        let queue = DispatchQueue(label: "drain")
        let spare = NIOLockedValueBox<[TrafficEvent]>([])
        bus.onFirstEvent {
            queue.async {
                let emptied = spare.withLockedValue { kept in
                    defer { kept = [] }
                    return kept
                }
                let drained = bus.drain(reusing: emptied).events
                spare.withLockedValue { $0 = drained }
            }
        }
        return {
            for _ in 0..<operations { bus.publish(event) }
            return operations
        }
    }
}
