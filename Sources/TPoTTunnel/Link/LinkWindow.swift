import DequeModule
import NIOCore

/// Limits how many bytes may be under way on the link, measured by WebSocket pings.
///
/// A peer answers a ping after everything that was sent before it. So a pong shows that all of that has arrived,
/// whatever server is on the other end. From the round trips and the rate of arrival the window is set to what keeps
/// the link busy and little more: a queue of a few milliseconds, or ``floor`` bytes. That bounds how long a small
/// answer waits behind a download on a narrow link, and how much lies in the buffers of the kernel and of the network.
///
/// Pongs are cumulative: one may answer several pings. A pong shows that the peer has the bytes, not the visitor.
///
/// The window is bounded, because it is doubled only while the rate still grows with it. The first pong that is later
/// than the allowed queue explains sets the window to rate × (round trip + allowed queue). Any excess queue is gone one
/// round trip later.
struct LinkWindow {
    /// The smallest window, so that a wrong measurement cannot stall the link. 7 ms at 5 MB/s.
    static let floor = 32 * 1024
    static let ceiling = 16 * 1024 * 1024
    /// The queue that a full link may have, as time beyond its round trip.
    static let queueAllowed = TimeAmount.milliseconds(4)
    /// After this long without a shorter round trip the window is halved once, to measure the real round trip again.
    static let shortestRoundTripAge = TimeAmount.seconds(10)
    /// The most pings under way.
    static let probesAtMost = 16
    /// The fewest bytes between two pings: one turn of a conversation. In larger windows it is an eighth of the window.
    static let probeBytesAtLeast = 16 * 1024
    /// The window is doubled again only if the last doubling raised the rate by this factor.
    static let worthwhileGrowth = 1.25
    /// After this long without a pong, or after two round trips if these are longer, ``floor`` bytes are sent on trust.
    static let patience = TimeAmount.seconds(1)

    /// 100 MB/s, in bytes per nanosecond.
    private static let fastRate = 0.1

    private struct Probe {
        var number: UInt64
        var sentBytes: UInt64
        var time: NIODeadline
        /// The bytes that had arrived, and when that was known: the rate of arrival is measured from here.
        var arrivedBytes: UInt64
        var arrivedTime: NIODeadline
        /// Whether data waited for the window when the ping was sent or since: only then does the pong measure it.
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
    /// Bytes per nanosecond: the best rate of the current and of the previous period.
    private var rate: (current: Double, previous: Double, since: NIODeadline) = (0, 0, .uptimeNanoseconds(0))
    /// The rate at the last doubling of the window.
    private var rateWhenDoubled = 0.0
    /// The window is doubled or emptied once a round trip at most: a ping with a higher number must be answered first.
    private var settledAfter: UInt64 = 0
    private var isEmptying = false

    /// Whether the link sends so fast that waiting data may be cut into larger pieces.
    var isFast: Bool { max(rate.current, rate.previous) >= Self.fastRate }

    var underWay: Int { Int(truncatingIfNeeded: sentBytes &- arrivedBytes) }

    /// Bytes that may be sent now.
    var allowance: Int { max(0, size - underWay) }

    /// Notes that data waits because the window is full.
    mutating func limited() {
        isLimited = true
        for index in probes.indices { probes[index].wasLimited = true }
    }

    mutating func sent(_ bytes: Int) {
        sentBytes &+= UInt64(bytes)
        bytesSinceProbe += bytes
    }

    /// Bytes between two pings, and the longest message. A pong releases everything that was sent before its ping. A
    /// longer message would leave at once while its end arrives late, and that would look like a queue.
    var probeBytes: Int { max(size / 8, Self.probeBytesAtLeast) }

    /// Whether a ping should be sent for measuring: eight for each full window.
    var wantsProbe: Bool {
        guard bytesSinceProbe > 0, probes.count < Self.probesAtMost else { return false }
        return bytesSinceProbe >= probeBytes || (probes.isEmpty && allowance == 0)
    }

    /// Notes a ping that is sent now. Returns the number that its pong brings back.
    mutating func probe(at now: NIODeadline) -> UInt64 {
        // The limit also holds for pings that are not for measuring. The oldest ping is forgotten; later ones cover it.
        if probes.count >= Self.probesAtMost { probes.removeFirst() }
        let number = nextNumber
        nextNumber += 1
        probes.append(
            Probe(
                number: number,
                sentBytes: sentBytes,
                time: now,
                arrivedBytes: arrivedBytes,
                // After a pause the rate is measured from the end of the pause.
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

    /// When a full window is opened on trust: a peer that never answers must not stop the link.
    var trustTime: NIODeadline {
        let lastSign = max(arrivedTime, probes.first?.time ?? arrivedTime)
        return lastSign + max(Self.patience, 2 * (roundTrip ?? .zero))
    }

    /// Counts some of the bytes under way as arrived, if it is time. The socket's own limit bounds what this releases.
    mutating func trust(at now: NIODeadline) {
        guard allowance == 0, now >= trustTime else { return }
        arrivedBytes = sentBytes - UInt64(size - Self.floor)
        arrivedTime = now
        // Makes room for another ping: the peer may have begun to answer.
        if probes.count >= Self.probesAtMost { probes.removeFirst() }
    }

    private mutating func adjust(_ probe: Probe, _ trip: TimeAmount, _ now: NIODeadline) {
        guard let shortest else { return }
        let allowed = max(Self.queueAllowed.nanoseconds, shortest.trip.nanoseconds / 4)
        let best = max(rate.current, rate.previous)
        let fitting = Int(min(best * Double(shortest.trip.nanoseconds + allowed), Double(Self.ceiling)))

        if isEmptying {
            guard probe.number > settledAfter else { return }
            // This ping was sent while the link was kept nearly empty: its round trip is the real one.
            isEmptying = false
            self.shortest = (trip, now)
            size = Self.clamped(fitting)
        } else if probe.wasLimited, now - shortest.time >= Self.shortestRoundTripAge {
            isEmptying = true
            settledAfter = nextNumber
            size = Self.clamped(fitting / 2)
        } else if trip.nanoseconds > shortest.trip.nanoseconds + allowed {
            // A late pong with few bytes under way is caused by the network, not by the window.
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
        // A period spans several round trips, so that one during which the link is emptied does not decide its rate.
        let period = max(.seconds(1), 4 * (shortest?.trip ?? .zero))
        if now - rate.since >= period { rate = (0, rate.current, now) }
        rate.current = max(rate.current, sample)
    }

    private static func clamped(_ bytes: Int) -> Int { min(max(bytes, floor), ceiling) }
}
