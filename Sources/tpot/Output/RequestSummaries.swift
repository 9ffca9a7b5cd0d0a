import NIOCore
import TPoTTraffic

/// stub
struct RequestSummaries {
    mutating func consume(_ event: TrafficEvent, _ now: WallClock.Reading, _ emit: (RequestSummary) -> Void) {}
}
