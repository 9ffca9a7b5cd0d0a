import NIOCore
import TPoTWire

/// The leases of names: which client holds each name, and how long it is kept after its link is lost (extension
/// `lease`, protocol section 6).
///
/// A value without a clock: the time is an argument.
///
///     granted ──► confirmed ──► lost ──► claimed by the holder, at once
///                                   ├──► claimed by another client, after ``othersWait``
///                                   └──► over, after ``keptTime``
struct NameLeases {
    /// How long a name is kept for its holder after its link is lost.
    static let keptTime = TimeAmount.seconds(90)
    /// How long after the loss another client can get the name.
    static let othersWait = TimeAmount.seconds(10)
    /// The most names that are kept at a time. Beyond that the name that was lost the longest ago becomes free.
    static let keptAtMost = 4_096

    /// The state of a name for a client that asks for it.
    enum Claim: Equatable {
        /// The name is not leased. There may be a tunnel without a lease.
        case unknown
        /// The client presented the right secret.
        case holder
        /// The holder lost its link so long ago that another client may have the name.
        case available
        /// The holder has a link.
        case inUse
        /// The holder lost its link: the name is free after this time at the latest.
        case kept(TimeAmount)
    }

    private struct Lease {
        var secret: LeaseSecret
        /// The secret that the client presented; it may not have received the new one.
        var former: LeaseSecret?
        /// The address that the name counts for, if that address has a limit.
        var limitKey: IPAddress?
        var lostAt: NIODeadline?
    }

    /// A name that is free again, with the address that it counted for.
    struct Freed: Hashable {
        var name: Subdomain
        var limitKey: IPAddress?
    }

    private var leases: [Subdomain: Lease] = [:]
    /// Names that are kept without a link.
    private(set) var keptCount = 0
    /// Wrong secrets, by the address that sent them.
    private var guesses = KeyThrottle()

    func isKept(_ name: Subdomain) -> Bool { leases[name]?.lostAt != nil }

    func isKnown(_ name: Subdomain) -> Bool { leases[name] != nil }

    /// Whether the name counts for this address.
    func counts(_ name: Subdomain, for limitKey: IPAddress) -> Bool { leases[name]?.limitKey == limitKey }

    /// - Parameters:
    ///   - secret: the secret that was presented, if any. A wrong one has the same result as none.
    ///   - address: the address that wrong secrets count for. While it has to wait because of them, its secret is
    ///     ignored.
    mutating func claim(
        _ name: Subdomain,
        _ secret: LeaseSecret?,
        from address: IPAddress?,
        at now: NIODeadline
    ) -> Claim {
        guard let lease = leases[name] else { return .unknown }
        if let secret, address.map({ guesses.wait(of: $0, at: now) == nil }) ?? true {
            // Both are always compared, so that the time reveals nothing.
            let isCurrent = secret.matches(lease.secret)
            let isFormer = lease.former.map(secret.matches) ?? false
            if isCurrent || isFormer { return .holder }
            if let address { guesses.wrongKey(from: address, at: now) }
        }
        guard let lostAt = lease.lostAt else { return .inUse }
        let end = lostAt + Self.othersWait
        return now >= end ? .available : .kept(end - now)
    }

    /// Notes that a tunnel with this name is opened, with a secret of its own.
    /// - Parameter former: the secret that its client presented, if that was right.
    mutating func grant(_ name: Subdomain, _ secret: LeaseSecret, former: LeaseSecret?, for limitKey: IPAddress?) {
        leases[name] = Lease(secret: secret, former: former, limitKey: limitKey)
    }

    /// Notes that the client has received its tunnel's secret. The former secret is no longer valid.
    mutating func confirm(_ name: Subdomain) { leases[name]?.former = nil }

    /// Keeps the name because its link was lost. Returns another name that is no longer kept because of that, if any.
    mutating func lose(_ name: Subdomain, at now: NIODeadline) -> Freed? {
        guard leases[name]?.lostAt == nil, leases[name] != nil else { return nil }
        let oldest = keptCount < Self.keptAtMost ? nil : kept.min { $0.lostAt < $1.lostAt }?.name
        leases[name]?.lostAt = now
        keptCount += 1
        return oldest.flatMap { free($0) }
    }

    /// Ends the lease. Returns the name if it was leased.
    @discardableResult
    mutating func free(_ name: Subdomain) -> Freed? {
        guard let lease = leases.removeValue(forKey: name) else { return nil }
        if lease.lostAt != nil { keptCount -= 1 }
        return Freed(name: name, limitKey: lease.limitKey)
    }

    /// Frees the names that have been kept for ``keptTime``.
    mutating func freeExpired(at now: NIODeadline) -> [Freed] {
        guard keptCount > 0 else { return [] }
        return kept.filter { $0.lostAt + Self.keptTime <= now }.compactMap { free($0.name) }
    }

    /// When ``freeExpired(at:)`` next has a name to free; nil if no name is kept.
    var nextExpiry: NIODeadline? { kept.map(\.lostAt).min().map { $0 + Self.keptTime } }

    private var kept: [(name: Subdomain, lostAt: NIODeadline)] {
        leases.compactMap { name, lease in lease.lostAt.map { (name, $0) } }
    }
}
