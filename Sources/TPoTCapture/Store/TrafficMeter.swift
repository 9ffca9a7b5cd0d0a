import Histogram
import NIOCore
import TPoTTraffic

/// Counts what passed: bytes, requests, how long they took, how many came in each of the last seconds.
struct TrafficMeter: Sendable {
    /// Seconds that ``rates(at:)`` tells.
    static let seconds = 60

    private(set) var requests = 0
    private(set) var bytesIn = 0
    private(set) var bytesOut = 0
    /// In microseconds, to two digits: 3,000 counters up to an hour; what takes longer counts as an hour.
    private var durations = Histogram<UInt64>(
        highestTrackableValue: Self.longest,
        numberOfSignificantValueDigits: .two
    )
    private var percentiles: TrafficPercentiles?
    private var ring = [Int](repeating: 0, count: Self.seconds)
    private var lastSecond: UInt64 = 0

    private static let longest: UInt64 = 3_600_000_000
    /// Microseconds up to which a stream of events does not stand out, and is not looked for.
    private static let shortStream: UInt64 = 500_000

    mutating func add(_ passed: PassedBytes) {
        bytesIn += passed.fromVisitor
        bytesOut += passed.fromTarget
    }

    mutating func began(_ exchange: Exchange) {
        requests += 1
        advance(to: Self.second(exchange.times.requestBegan))
        let second = Self.second(exchange.times.requestBegan)
        if second + UInt64(Self.seconds) > lastSecond { ring[Int(second % UInt64(Self.seconds))] += 1 }
    }

    /// Only complete answers tell how long one takes; what was upgraded says how long somebody stayed, and so does a
    /// stream of events.
    /// - Parameter head: of the answer; asked for only where it took long.
    mutating func finished(_ exchange: Exchange, head: () -> [UInt8]?) {
        guard exchange.state == .finished, !exchange.isOpaque, let end = exchange.times.responseEnded else { return }
        let microseconds = UInt64(max(0, exchange.times.taken(at: end).nanoseconds)) / 1000
        if microseconds > Self.shortStream, BodyDescription(head: head()).mediaType?.name == "text/event-stream" {
            return
        }
        durations.record(min(max(microseconds, 1), Self.longest))
        percentiles = nil
    }

    /// Nil before the first complete answer.
    mutating func currentPercentiles() -> TrafficPercentiles? {
        if percentiles == nil, durations.totalCount > 0 {
            func time(_ percentile: Double) -> TimeAmount {
                .microseconds(Int64(durations.valueAtPercentile(percentile)))
            }
            percentiles = TrafficPercentiles(p50: time(50), p90: time(90), p99: time(99))
        }
        return percentiles
    }

    /// Requests in each of the last 60 seconds, the oldest first; the last one has just begun.
    mutating func rates(at now: NIODeadline) -> [Int] {
        advance(to: Self.second(now))
        let first = Int((lastSecond + 1) % UInt64(Self.seconds))
        return Array(ring[first...] + ring[..<first])
    }

    private static func second(_ time: NIODeadline) -> UInt64 {
        time.uptimeNanoseconds / 1_000_000_000
    }

    private mutating func advance(to second: UInt64) {
        guard second > lastSecond else { return }
        for passed in 1...min(second - lastSecond, UInt64(Self.seconds)) {
            ring[Int((second - passed + 1) % UInt64(Self.seconds))] = 0
        }
        lastSecond = second
    }
}

typealias PassedBytes = (fromVisitor: Int, fromTarget: Int)

extension TrafficEvent.Kind {
    /// Bytes that passed with this event.
    var passedBytes: PassedBytes {
        switch self {
        case .requestHead(let received, _): (received.count, 0)
        case .requestBody(let bytes), .visitorOpaque(let bytes): (bytes.count, 0)
        case .responseHead(let head): (0, head.count)
        case .responseBody(let bytes), .targetOpaque(let bytes): (0, bytes.count)
        default: (0, 0)
        }
    }
}
