import NIOCore
import TPoTWire

/// Which names are leased, to whom, and how long they are kept after their links were lost (extension `lease`, protocol
/// section 6). A value without a clock: the time is an argument.
///
///     granted ──► confirmed ──► lost ──► claimed by the holder, at once
///                                   ├──► claimed by another client, after ``othersWait``
///                                   └──► over, after ``keptTime``
struct NameLeases {
    /// How long a name is kept for its holder after its link was lost.
    static let keptTime = TimeAmount.seconds(90)
    /// Another client that asks for it gets it after so long.
    static let othersWait = TimeAmount.seconds(10)
    /// Names that are kept at a time; beyond that the one that was lost the longest ago is free.
    static let keptAtMost = 4_096

    /// What somebody who asks for a name finds.
    enum Claim: Equatable {
        /// Nobody has a lease of this name. There may be a tunnel without one.
        case unknown
        /// The secret is right.
        case holder
        /// The link of its holder was lost long enough ago.
        case available
        /// The holder has a link.
        case inUse
        /// The holder lost its link: the name is free in so long, at the latest.
        case kept(TimeAmount)
    }

    private struct Lease {
        var secret: LeaseSecret
        /// The one with which the client came; it may not have got the new one.
        var former: LeaseSecret?
        /// Whom the name counts for, where that is limited.
        var limitKey: IPAddress?
        var lostAt: NIODeadline?
    }

    /// A name that is free again, and whom it counted for.
    struct Freed: Hashable {
        var name: Subdomain
        var limitKey: IPAddress?
    }

    private var leases: [Subdomain: Lease] = [:]
    /// Names that are kept without a link.
    private(set) var keptCount = 0
    /// Wrong secrets, by the address that they came from.
    private var guesses = KeyThrottle()

    func isKept(_ name: Subdomain) -> Bool { leases[name]?.lostAt != nil }

    func isKnown(_ name: Subdomain) -> Bool { leases[name] != nil }

    /// Whether the name counts for this address.
    func counts(_ name: Subdomain, for limitKey: IPAddress) -> Bool { leases[name]?.limitKey == limitKey }

    /// - Parameters:
    ///   - secret: the one that was presented, if any. A wrong one is as good as none.
    ///   - address: whom guesses count for. One that has to wait because of wrong ones is not listened to.
    mutating func claim(
        _ name: Subdomain,
        _ secret: LeaseSecret?,
        from address: IPAddress?,
        at now: NIODeadline
    ) -> Claim {
        guard let lease = leases[name] else { return .unknown }
        if let secret, address.map({ guesses.wait(of: $0, at: now) == nil }) ?? true {
            // Always both, so that the time tells nothing.
            let isCurrent = secret.matches(lease.secret)
            let isFormer = lease.former.map(secret.matches) ?? false
            if isCurrent || isFormer { return .holder }
            if let address { guesses.wrongKey(from: address, at: now) }
        }
        guard let lostAt = lease.lostAt else { return .inUse }
        let end = lostAt + Self.othersWait
        return now >= end ? .available : .kept(end - now)
    }

    /// A tunnel with this name is opened, with a secret of its own.
    /// - Parameter former: the secret with which its client came, if it was right.
    mutating func grant(_ name: Subdomain, _ secret: LeaseSecret, former: LeaseSecret?, for limitKey: IPAddress?) {
        leases[name] = Lease(secret: secret, former: former, limitKey: limitKey)
    }

    /// The client has the secret of its tunnel: the former one is worth nothing any more.
    mutating func confirm(_ name: Subdomain) { leases[name]?.former = nil }

    /// The link was lost: the name is kept. Returns the name that is not kept any longer because of that.
    mutating func lose(_ name: Subdomain, at now: NIODeadline) -> Freed? {
        guard leases[name]?.lostAt == nil, leases[name] != nil else { return nil }
        let oldest = keptCount < Self.keptAtMost ? nil : kept.min { $0.lostAt < $1.lostAt }?.name
        leases[name]?.lostAt = now
        keptCount += 1
        return oldest.flatMap { free($0) }
    }

    /// The name is not leased any more. Returns it if it was.
    @discardableResult
    mutating func free(_ name: Subdomain) -> Freed? {
        guard let lease = leases.removeValue(forKey: name) else { return nil }
        if lease.lostAt != nil { keptCount -= 1 }
        return Freed(name: name, limitKey: lease.limitKey)
    }

    /// Frees the names whose time is over.
    mutating func freeExpired(at now: NIODeadline) -> [Freed] {
        guard keptCount > 0 else { return [] }
        return kept.filter { $0.lostAt + Self.keptTime <= now }.compactMap { free($0.name) }
    }

    /// When ``freeExpired(at:)`` has something to do.
    var nextExpiry: NIODeadline? { kept.map(\.lostAt).min().map { $0 + Self.keptTime } }

    private var kept: [(name: Subdomain, lostAt: NIODeadline)] {
        leases.compactMap { name, lease in lease.lostAt.map { (name, $0) } }
    }
}
