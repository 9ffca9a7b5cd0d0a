import Histogram
import NIOCore
import TPoTTraffic

/// Counts bytes and requests, and measures how long requests took and how many came in each of the last seconds.
struct TrafficMeter: Sendable {
    /// The number of seconds that ``computeRates(at:)`` covers.
    static let seconds = 60

    private(set) var requests = 0
    private(set) var bytesIn = 0
    private(set) var bytesOut = 0
    /// Durations in microseconds, to two significant digits: about 3,000 counters up to one hour. Longer durations
    /// count as one hour.
    private var durations = Histogram<UInt64>(
        highestTrackableValue: Self.longest,
        numberOfSignificantValueDigits: .two
    )
    private var percentiles: TrafficPercentiles?
    private var ring = [StatusRate](repeating: StatusRate(), count: Self.seconds)
    private var lastSecond: UInt64 = 0

    private static let longest: UInt64 = 3_600_000_000
    /// Shorter answers (in microseconds) are not checked for being an event stream, because they do not distort the
    /// percentiles.
    private static let shortStream: UInt64 = 500_000

    mutating func add(_ passed: PassedBytes) {
        bytesIn += passed.fromVisitor
        bytesOut += passed.fromTarget
    }

    mutating func noteBegin(_ exchange: Exchange) {
        requests += 1
        advance(to: Self.second(exchange.times.requestBegan))
        let second = Self.second(exchange.times.requestBegan)
        if second + UInt64(Self.seconds) > lastSecond { ring[Int(second % UInt64(Self.seconds))].unanswered += 1 }
    }

    /// Counts a request of the last seconds elsewhere, because more is known of it.
    mutating func move(
        _ exchange: Exchange,
        from old: WritableKeyPath<StatusRate, Int>,
        to new: WritableKeyPath<StatusRate, Int>
    ) {
        let second = Self.second(exchange.times.requestBegan)
        guard second <= lastSecond, second + UInt64(Self.seconds) > lastSecond else { return }
        ring[Int(second % UInt64(Self.seconds))][keyPath: old] -= 1
        ring[Int(second % UInt64(Self.seconds))][keyPath: new] += 1
    }

    /// Records the duration of a complete answer. Upgraded exchanges and event streams do not count, because their
    /// duration shows how long the visitor stayed.
    /// - Parameter head: the head of the answer. It is called only if the answer took long.
    mutating func noteFinish(_ exchange: Exchange, head: () -> [UInt8]?) {
        guard exchange.state == .finished, !exchange.isOpaque, let end = exchange.times.responseEnded else { return }
        let microseconds = UInt64(max(0, exchange.times.taken(at: end).nanoseconds)) / 1000
        if microseconds > Self.shortStream, BodyDescription(head: head()).mediaType?.name == "text/event-stream" {
            return
        }
        durations.record(min(max(microseconds, 1), Self.longest))
        percentiles = nil
    }

    /// Computes the percentiles and caches them until the next answer; nil before the first complete answer.
    mutating func computePercentiles() -> TrafficPercentiles? {
        if percentiles == nil, durations.totalCount > 0 {
            func time(_ percentile: Double) -> TimeAmount {
                .microseconds(Int64(durations.valueAtPercentile(percentile)))
            }
            percentiles = TrafficPercentiles(p50: time(50), p90: time(90), p99: time(99))
        }
        return percentiles
    }

    /// Advances to `now` and returns the requests in each of the last 60 seconds, oldest first. The last second is not
    /// over yet.
    mutating func computeRates(at now: NIODeadline) -> [StatusRate] {
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
            ring[Int((second - passed + 1) % UInt64(Self.seconds))] = StatusRate()
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
