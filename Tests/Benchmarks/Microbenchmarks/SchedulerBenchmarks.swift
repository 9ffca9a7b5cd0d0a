import NIOCore
import TPoTTunnel
import TPoTWire

/// Choosing which conversation may send next on the link.
enum SchedulerBenchmarks {
    static let all = [1, 64, 1000].map(turns)

    /// Each conversation queues a small message, then all of them are taken; this repeats.
    private static func turns(conversations: Int) -> Benchmark {
        let name = "scheduler: queue and take, \(conversations) conversation\(conversations == 1 ? "" : "s")"
        return Benchmark(name, per: "message", batch: conversations) { operations in
            let flows = (1...conversations).map { LinkFlow(id: ConversationID($0)) }
            let message = ByteBuffer(repeating: 7, count: 300)
            return {
                var scheduler = LinkScheduler()
                var sent = 0
                for _ in 0..<(operations / conversations) {
                    for flow in flows { scheduler.data(message, flow) }
                    while scheduler.nextData(limit: .max) != nil { sent += 1 }
                }
                return sent
            }
        }
    }
}
