import NIOCore
import TPoTWire
import Testing

@testable import TPoTTunnel

/// Each test is a transcript on a clock that the test moves.
@Suite struct NameLeasesTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private let address = IPAddress(ipv4: 0xc000_0201)
    private let name = Self.named("shop")
    private let secret = LeaseSecret.random()
    private let wrong = LeaseSecret.random()

    private static func named(_ name: String) -> Subdomain {
        var generator = SystemRandomNumberGenerator()
        return Subdomain(name) ?? .random(using: &generator)
    }

    /// Leases in which the name is leased and its link was lost at the start.
    private func lost() -> NameLeases {
        var leases = NameLeases()
        leases.grant(name, secret, former: nil, for: address)
        #expect(leases.lose(name, at: start) == nil)
        return leases
    }

    @Test func theHolderGetsItAtOnceWhateverItsLinkDoes() {
        var leases = NameLeases()
        #expect(leases.claim(name, secret, from: address, at: start) == .unknown)
        leases.grant(name, secret, former: nil, for: address)
        #expect(leases.claim(name, secret, from: address, at: start) == .holder)
        #expect(!leases.isKept(name))
        _ = leases.lose(name, at: start)
        #expect(leases.isKept(name))
        #expect(leases.claim(name, secret, from: address, at: start) == .holder)
        #expect(leases.claim(name, secret, from: address, at: start + .seconds(89)) == .holder)
    }

    @Test func othersWaitTenSecondsAfterALoss() {
        var leases = NameLeases()
        leases.grant(name, secret, former: nil, for: address)
        #expect(leases.claim(name, nil, from: address, at: start + .hours(1)) == .inUse)
        leases = lost()
        for presented in [nil, wrong] {
            #expect(leases.claim(name, presented, from: nil, at: start) == .kept(.seconds(10)))
            #expect(leases.claim(name, presented, from: nil, at: start + .seconds(9)) == .kept(.seconds(1)))
            #expect(leases.claim(name, presented, from: nil, at: start + .seconds(10)) == .available)
        }
    }

    @Test func isKeptForNinetySeconds() {
        var leases = lost()
        #expect(leases.nextExpiry == start + .seconds(90))
        #expect(leases.freeExpired(at: start + .seconds(90) - .nanoseconds(1)) == [])
        #expect(leases.freeExpired(at: start + .seconds(90)) == [NameLeases.Freed(name: name, limitKey: address)])
        #expect(leases.claim(name, secret, from: address, at: start + .seconds(90)) == .unknown)
        #expect(leases.nextExpiry == nil && leases.keptCount == 0)
    }

    @Test func theFormerSecretIsRightUntilTheNewOneIsConfirmed() {
        var leases = lost()
        let next = LeaseSecret.random()
        #expect(leases.free(name)?.limitKey == address)
        leases.grant(name, next, former: secret, for: address)
        #expect(leases.claim(name, secret, from: nil, at: start) == .holder)
        #expect(leases.claim(name, next, from: nil, at: start) == .holder)
        // The old secret is also right after a loss: the answer with the new one may never have arrived.
        _ = leases.lose(name, at: start)
        #expect(leases.claim(name, secret, from: nil, at: start) == .holder)
        leases.grant(name, next, former: secret, for: address)
        leases.confirm(name)
        #expect(leases.claim(name, secret, from: nil, at: start) == .inUse)
        #expect(leases.claim(name, next, from: nil, at: start) == .holder)
    }

    @Test func anAddressThatGuessesIsIgnored() {
        var leases = lost()
        for _ in 1..<KeyThrottle.wrongKeysAtMost {
            _ = leases.claim(name, wrong, from: address, at: start)
            #expect(leases.claim(name, secret, from: address, at: start) == .holder)
        }
        _ = leases.claim(name, wrong, from: address, at: start)
        #expect(leases.claim(name, secret, from: address, at: start) == .kept(.seconds(10)))
        #expect(leases.claim(name, secret, from: IPAddress(ipv4: 1), at: start) == .holder)
        #expect(leases.claim(name, secret, from: nil, at: start) == .holder)
        #expect(leases.claim(name, secret, from: address, at: start + KeyThrottle.firstWait) == .holder)
    }

    @Test func aSecretForANameThatNobodyLeasedIsNoGuess() {
        var leases = lost()
        for _ in 0..<20 { _ = leases.claim(Self.named("free"), secret, from: address, at: start) }
        #expect(leases.claim(name, secret, from: address, at: start) == .holder)
    }

    @Test func theNumberOfKeptNamesIsBounded() {
        var leases = NameLeases()
        let names = (0...NameLeases.keptAtMost).map { Self.named("n\($0)") }
        for (number, name) in names.enumerated() {
            leases.grant(name, secret, former: nil, for: nil)
            let freed = leases.lose(name, at: start + .milliseconds(Int64(number)))
            // The name that is freed is the one that was lost the longest ago.
            #expect(freed?.name == (number < NameLeases.keptAtMost ? nil : names[0]))
        }
        #expect(leases.keptCount == NameLeases.keptAtMost)
        // A name that is no longer kept cannot be lost, and none is lost twice.
        for name in names.prefix(2) { #expect(leases.lose(name, at: start) == nil) }
        #expect(leases.keptCount == NameLeases.keptAtMost)
    }

    @Test func aFewVisitorsWaitInTheOrderInWhichTheyCame() {
        final class Visitor {}
        var waiting = WaitingVisitors<Visitor>()
        let visitors = (0...WaitingLimits.perName).map { _ in Visitor() }
        for visitor in visitors.dropLast() { #expect(waiting.append(visitor, for: name) == true) }
        #expect(waiting.append(visitors[256], for: name) == false)
        waiting.remove(visitors[0], for: name)
        waiting.remove(visitors[0], for: name)
        #expect(waiting.append(visitors[256], for: name) == true)
        #expect(waiting.takeAll(for: name).elementsEqual(visitors.dropFirst()) { $0 === $1 })
        #expect(waiting.count == 0 && !waiting.include(name))
        // All names together may have as many visitors as sixteen full names.
        for number in 0..<WaitingLimits.inAll {
            #expect(waiting.append(Visitor(), for: Self.named("n\(number)")) == true)
        }
        #expect(waiting.append(Visitor(), for: name) == false)
        #expect(waiting.takeAll().count == 4_096)
        #expect(waiting.count == 0)
    }
}
