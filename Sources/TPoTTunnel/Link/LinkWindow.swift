import DequeModule
import NIOCore

/// How much may be under way on the link, measured by WebSocket pings.
///
/// A ping is answered after everything sent before it, so a pong says that all of that has arrived, whatever server is
/// on the other end. From the round trips and the rate of arrival the window is set to what keeps the link busy and
/// little more: a few milliseconds' worth of queue, or ``floor`` bytes. That bounds how long a small answer waits behind a
/// download on a narrow link, and what sits in the buffers of the kernel and of the network.
///
/// Pongs are cumulative: one may stand for several pings. A pong says that the peer has the bytes, not the visitor.
///
/// Bounded, because the window is only ever doubled while the rate still grows with it, and goes back to rate × (round
/// trip + queue allowed) with the first pong that comes later than that: what stands too much is gone a round trip after.
struct LinkWindow {
    /// Never less may be under way, so that a wrong measurement cannot stall the link. 7 ms at 5 MB/s.
    static let floor = 32 * 1024
    static let ceiling = 16 * 1024 * 1024
    /// The queue that a full link may hold beyond its round trip.
    static let queueAllowed = TimeAmount.milliseconds(4)
    /// After this long without a shorter round trip the link is half emptied once, to see its real length again.
    static let shortestRoundTripAge = TimeAmount.seconds(10)
    /// Pings under way at most.
    static let probesAtMost = 16
    /// A window is measured in eighths, but no more often than each turn of a conversation.
    static let probeBytesAtLeast = 16 * 1024
    /// The window is doubled again only when the last time brought this much more.
    static let worthwhileGrowth = 1.25
    /// Without a pong for this long, or for two round trips, ``floor`` bytes are let go on trust.
    static let patience = TimeAmount.seconds(1)

    /// 100 MB/s, in bytes a nanosecond.
    private static let fastRate = 0.1

    private struct Probe {
        var number: UInt64
        var sentBytes: UInt64
        var time: NIODeadline
        /// What had arrived, and when that was known: the rate is that of arrival since.
        var arrivedBytes: UInt64
        var arrivedTime: NIODeadline
        /// Whether data waited for the window when it was sent, or since: only then does it say what the window allows.
        var wasLimited: Bool
    }

    /// Bytes that may be under way.
    private(set) var size = 8 * floor
    /// The last round trip.
    private(set) var roundTrip: TimeAmount?

    private var sentBytes: UInt64 = 0
    private var arrivedBytes: UInt64 = 0
    private var arrivedTime = NIODeadline.uptimeNanoseconds(0)
    private var bytesSinceProbe = 0
    private var probes = Deque<Probe>()
    private var nextNumber: UInt64 = 1
    private var isLimited = false

    private var shortest: (trip: TimeAmount, time: NIODeadline)?
    /// Bytes a nanosecond: the best of the current and of the previous period.
    private var rate: (current: Double, previous: Double, since: NIODeadline) = (0, 0, .uptimeNanoseconds(0))
    /// The rate when the window was doubled last.
    private var rateWhenDoubled = 0.0
    /// The window is doubled or emptied at most once a round trip: not before a ping after this one is answered.
    private var settledAfter: UInt64 = 0
    private var isEmptying = false

    /// What waits for the link is gone at once: it may be cut into larger pieces.
    var isFast: Bool { max(rate.current, rate.previous) >= Self.fastRate }

    var underWay: Int { Int(truncatingIfNeeded: sentBytes &- arrivedBytes) }

    /// Bytes that may be sent now.
    var allowance: Int { max(0, size - underWay) }

    /// Data waits that the window does not let go.
    mutating func limited() {
        isLimited = true
        for index in probes.indices { probes[index].wasLimited = true }
    }

    mutating func sent(_ bytes: Int) {
        sentBytes &+= UInt64(bytes)
        bytesSinceProbe += bytes
    }

    /// Bytes between two pings. Messages are no longer than this: a pong lets go what its ping stood behind, and what
    /// leaves at once and arrives late at the end would look like a queue.
    var probeBytes: Int { max(size / 8, Self.probeBytesAtLeast) }

    /// Whether a ping should go out for measuring: eight for each window full.
    var wantsProbe: Bool {
        guard bytesSinceProbe > 0, probes.count < Self.probesAtMost else { return false }
        return bytesSinceProbe >= probeBytes || (probes.isEmpty && allowance == 0)
    }

    /// Notes a ping that goes out now. Returns the number that its pong brings back.
    mutating func probe(at now: NIODeadline) -> UInt64 {
        // Never more under way than the limit, whoever asks: the oldest is forgotten, later ones stand for it.
        if probes.count >= Self.probesAtMost { probes.removeFirst() }
        let number = nextNumber
        nextNumber += 1
        probes.append(
            Probe(
                number: number,
                sentBytes: sentBytes,
                time: now,
                arrivedBytes: arrivedBytes,
                // After a pause the rate counts from its end.
                arrivedTime: probes.isEmpty ? now : arrivedTime,
                wasLimited: isLimited
            )
        )
        bytesSinceProbe = 0
        isLimited = false
        return number
    }

    /// A pong came back. Numbers that were never sent, or are already answered, are ignored.
    mutating func answered(_ number: UInt64, at now: NIODeadline) {
        guard let index = probes.firstIndex(where: { $0.number == number }) else { return }
        let probe = probes[index]
        probes.removeSubrange(...index)
        arrivedBytes = max(arrivedBytes, probe.sentBytes)
        arrivedTime = now
        let trip = now - probe.time
        roundTrip = trip
        noteShortest(trip, now)
        let arrivalTime = max((now - probe.arrivedTime).nanoseconds, 1)
        noteRate(Double(probe.sentBytes - probe.arrivedBytes) / Double(arrivalTime), now)
        adjust(probe, trip, now)
    }

    /// When the window, if it is full, should be let go on trust: a peer that never answers must not stop the link.
    var trustTime: NIODeadline {
        let lastSign = max(arrivedTime, probes.first?.time ?? arrivedTime)
        return lastSign + max(Self.patience, 2 * (roundTrip ?? .zero))
    }

    /// Takes some of what is under way as arrived if it is time. The socket's own limit bounds what this lets out.
    mutating func trust(at now: NIODeadline) {
        guard allowance == 0, now >= trustTime else { return }
        arrivedBytes = sentBytes - UInt64(size - Self.floor)
        arrivedTime = now
        // Another ping may go out: the peer may have begun to answer.
        if probes.count >= Self.probesAtMost { probes.removeFirst() }
    }

    private mutating func adjust(_ probe: Probe, _ trip: TimeAmount, _ now: NIODeadline) {
        guard let shortest else { return }
        let allowed = max(Self.queueAllowed.nanoseconds, shortest.trip.nanoseconds / 4)
        let best = max(rate.current, rate.previous)
        let fitting = Int(min(best * Double(shortest.trip.nanoseconds + allowed), Double(Self.ceiling)))

        if isEmptying {
            guard probe.number > settledAfter else { return }
            // This ping went out while the link was kept near empty: its trip is the real one.
            isEmptying = false
            self.shortest = (trip, now)
            size = Self.clamped(fitting)
        } else if probe.wasLimited, now - shortest.time >= Self.shortestRoundTripAge {
            isEmptying = true
            settledAfter = nextNumber
            size = Self.clamped(fitting / 2)
        } else if trip.nanoseconds > shortest.trip.nanoseconds + allowed {
            // A late pong with little under way is the network's doing, not the window's.
            if probe.sentBytes - probe.arrivedBytes > fitting { size = Self.clamped(fitting) }
        } else if probe.wasLimited, probe.number > settledAfter {
            size = Self.clamped(max(size, fitting))
            if best >= rateWhenDoubled * Self.worthwhileGrowth {
                rateWhenDoubled = best
                size = Self.clamped(size * 2)
                settledAfter = nextNumber - 1
            }
        }
        rateWhenDoubled = min(rateWhenDoubled, best)
    }

    private mutating func noteShortest(_ trip: TimeAmount, _ now: NIODeadline) {
        if let known = shortest, trip > known.trip { return }
        shortest = (trip, now)
    }

    private mutating func noteRate(_ sample: Double, _ now: NIODeadline) {
        // A period has several round trips, so that one in which the link is emptied does not count for the whole.
        let period = max(.seconds(1), 4 * (shortest?.trip ?? .zero))
        if now - rate.since >= period { rate = (0, rate.current, now) }
        rate.current = max(rate.current, sample)
    }

    private static func clamped(_ bytes: Int) -> Int { min(max(bytes, floor), ceiling) }
}
