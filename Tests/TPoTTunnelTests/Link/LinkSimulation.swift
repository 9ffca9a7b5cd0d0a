import DequeModule
import NIOCore

@testable import TPoTTunnel

/// A simulated link with a bottleneck that a ``LinkWindow`` controls, on its own clock.
///
///     source ──window──► queue ──rate──► half a round trip ──► peer ──► half a round trip ──► pongs
struct LinkSimulation {
    /// The rate of the bottleneck, in bytes per second.
    var rate: Double
    /// The round trip without any queue, in seconds.
    var roundTrip: Double
    /// The most seconds by which an arrival is late; the order is kept.
    var jitter = 0.0
    /// The peer reads only once in this many seconds, and answers only the latest ping.
    var peerTurn = 0.0
    /// Bytes that the local socket accepts before it has sent them; .infinity for a kernel that accepts everything.
    var socketBytes = Double.infinity
    /// The source has data for `busy` seconds, and then none for `idle` seconds.
    var busy = Double.infinity
    var idle = 0.0

    private(set) var window = LinkWindow()
    private(set) var now = 1.0
    /// Bytes that have left the bottleneck.
    private(set) var delivered = 0.0
    /// The longest queue, and the queue at each sample, both in seconds; then the most bytes under way.
    private(set) var longestQueue = 0.0
    private(set) var queues: [Double] = []
    private(set) var mostUnderWay = 0
    /// The longest time in which nothing could be sent.
    private(set) var longestSilence = 0.0

    private var isPeerMute = false
    private var bottleneckFree = 0.0
    private var lastArrival = 0.0
    private var lastSent = 1.0
    private var sent = 0.0
    private var pongs = Deque<(time: Double, number: UInt64)>()
    private var random = Lottery(state: 7)

    init(rate: Double, roundTrip: Double) {
        self.rate = rate
        self.roundTrip = roundTrip
    }

    /// The share of the bottleneck's capacity that the last ``run(seconds:peerAnswers:)`` used.
    private(set) var utilisation = 0.0

    /// Runs for this many seconds more, and measures only these.
    mutating func run(seconds: Double, peerAnswers: Bool = true) {
        isPeerMute = !peerAnswers
        let start = now
        let end = now + seconds
        let before = sent - queuedBytes
        longestQueue = 0
        queues = []
        longestSilence = 0
        lastSent = now
        send()
        while let next = nextEvent(), next < end {
            now = max(now, next)
            while let pong = pongs.first, pong.time <= now {
                pongs.removeFirst()
                if !isPeerMute { window.answered(pong.number, at: deadline) }
            }
            window.trust(at: deadline)
            queues.append(max(0, bottleneckFree - now))
            send()
        }
        now = end
        utilisation = (sent - queuedBytes - before) / (rate * (end - start))
    }

    /// The queue, in seconds, that this share of all samples did not exceed.
    func queue(atMost share: Double) -> Double {
        let sorted = queues.sorted()
        return sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }

    private var deadline: NIODeadline { .uptimeNanoseconds(UInt64(now * 1e9)) }
    private var queuedBytes: Double { max(0, bottleneckFree - now) * rate }

    private func nextEvent() -> Double? {
        var events = [pongs.first?.time].compactMap(\.self)
        if window.allowance == 0 { events.append(Double(window.trustTime.uptimeNanoseconds + 1000) / 1e9) }
        // The socket accepts more once half of its bytes have left.
        if queuedBytes >= socketBytes { events.append(bottleneckFree - socketBytes / 2 / rate) }
        if idle > 0, !isBusy { events.append(nextBusy) }
        return events.min()
    }

    private var isBusy: Bool { idle == 0 || now.truncatingRemainder(dividingBy: busy + idle) < busy }
    private var nextBusy: Double { ((now / (busy + idle)).rounded(.down) + 1) * (busy + idle) + 1e-9 }

    /// Sends as ``TunnelLink`` does in a flush while one conversation has data.
    private mutating func send() {
        while isBusy {
            guard queuedBytes < socketBytes else { return }
            guard window.allowance > 0 else {
                window.limited()
                break
            }
            let bytes = min(64 * 1024, max(min(window.allowance, window.probeBytes), 16 * 1024))
            pass(bytes)
            if window.wantsProbe { probe() }
        }
        if window.wantsProbe { probe() }
    }

    private mutating func pass(_ bytes: Int) {
        window.sent(bytes)
        sent += Double(bytes)
        bottleneckFree = max(bottleneckFree, now) + Double(bytes) / rate
        lastArrival = max(lastArrival, bottleneckFree + roundTrip / 2 + jitter * random.next())
        longestQueue = max(longestQueue, bottleneckFree - now)
        mostUnderWay = max(mostUnderWay, window.underWay)
        longestSilence = max(longestSilence, now - lastSent)
        lastSent = now
    }

    private mutating func probe() {
        let number = window.probe(at: deadline)
        var answer = max(lastArrival, now + roundTrip / 2)
        if peerTurn > 0 {
            answer = (answer / peerTurn).rounded(.up) * peerTurn
            if let last = pongs.last, last.time >= answer + roundTrip / 2 { pongs.removeLast() }
        }
        pongs.append((answer + roundTrip / 2, number))
    }
}

/// Numbers from 0 up to 1 that are the same in every run.
struct Lottery {
    var state: UInt64

    mutating func next() -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(state >> 11) / Double(1 << 53)
    }
}
