import NIOCore
import TPoTTraffic

/// What passed in each open conversation, for the lines that open and close it.
struct ConversationTotals {
    struct Totals {
        var opened: NIODeadline
        var origin: ConversationOrigin
        var requests = 0
        var received = 0
        var sent = 0
    }

    /// Conversations that are remembered. More cannot be open at once: what is beyond lost its end.
    static let limit = 65_535

    private var open: [ConversationNumber: Totals] = [:]

    /// Takes an event in, and gives what is known of a conversation that it closed.
    mutating func consume(_ event: TrafficEvent) -> Totals? {
        let number = event.conversation
        switch event.kind {
        case .opened(let origin):
            if open.count >= Self.limit { forgetOldest() }
            open[number] = Totals(opened: event.time, origin: origin)
        case .requestHead(let received, _):
            open[number]?.requests += 1
            open[number]?.received += received.count
        case .requestBody(let bytes), .visitorOpaque(let bytes): open[number]?.received += bytes.count
        case .responseHead(let head): open[number]?.sent += head.count
        case .responseBody(let bytes), .targetOpaque(let bytes): open[number]?.sent += bytes.count
        case .closed: return open.removeValue(forKey: number)
        default: break
        }
        return nil
    }

    /// Half of them at once, so that finding them costs little for each.
    private mutating func forgetOldest() {
        for number in open.keys.sorted().prefix(Self.limit / 2) { open[number] = nil }
    }
}
