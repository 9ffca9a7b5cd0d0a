import NIOCore

/// Makes addresses that sent wrong keys wait. A value without a clock: the time is an argument.
struct KeyThrottle {
    /// The number of the first wrong key that makes its address wait.
    static let wrongKeysAtMost = 5
    static let firstWait = TimeAmount.seconds(10)
    /// Each wrong key after a wait doubles the next wait, up to this limit.
    static let longestWait = TimeAmount.minutes(5)
    /// An address that has sent no wrong key for this long starts anew.
    static let memory = TimeAmount.minutes(15)
    /// The most addresses that are remembered. Beyond that the address whose last wrong key is the oldest is forgotten.
    static let addressesAtMost = 4_096

    private struct Entry {
        var wrongKeys = 0
        var last: NIODeadline
        var until: NIODeadline
    }

    private var entries: [IPAddress: Entry] = [:]

    /// The number of remembered addresses.
    var count: Int { entries.count }

    /// How long the address still has to wait; nil if it need not wait.
    func wait(of address: IPAddress, at now: NIODeadline) -> TimeAmount? {
        guard let entry = entries[address], entry.until > now else { return nil }
        return entry.until - now
    }

    mutating func wrongKey(from address: IPAddress, at now: NIODeadline) {
        var entry = Entry(last: now, until: now)
        if let known = entries[address] {
            // This key was already being checked when the wait began.
            guard known.until <= now else { return }
            if now - known.last < Self.memory { entry.wrongKeys = known.wrongKeys }
        } else {
            makeRoom(at: now)
        }
        entry.wrongKeys += 1
        if entry.wrongKeys >= Self.wrongKeysAtMost {
            let doublings = min(entry.wrongKeys - Self.wrongKeysAtMost, 10)
            let wait = Self.firstWait.nanoseconds << Int64(doublings)
            entry.until = now + .nanoseconds(min(wait, Self.longestWait.nanoseconds))
        }
        entries[address] = entry
    }

    mutating func rightKey(from address: IPAddress) {
        entries[address] = nil
    }

    private mutating func makeRoom(at now: NIODeadline) {
        guard entries.count >= Self.addressesAtMost else { return }
        entries = entries.filter { now - $0.value.last < Self.memory }
        guard entries.count >= Self.addressesAtMost else { return }
        if let oldest = entries.min(by: { $0.value.last < $1.value.last }) { entries[oldest.key] = nil }
    }
}
