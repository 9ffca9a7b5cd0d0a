import NIOConcurrencyHelpers
import NIOCore
import TPoTNetwork
import TPoTWire
import Testing

@testable import TPoTTunnel

/// The error of an authorizer.
private enum Refusal: AuthorizerError {
    case temporary, forThePerson, forTheOwner

    var isForThePerson: Bool { self != .temporary }
    var isForTheOwner: Bool { self == .forTheOwner }
    var failure: AuthorizerFailure { AuthorizerFailure(self) }
}

@Suite struct ReconnectPolicyTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func policy(_ name: String? = nil, waits: Bool = false, reconnects: Bool = true) -> ReconnectPolicy {
        let drawn = NIOLockedValueBox(0)
        return ReconnectPolicy(requested: name.flatMap { Subdomain($0) }, waits: waits, reconnects: reconnects) {
            let count = drawn.withLockedValue {
                $0 += 1
                return $0
            }
            var generator = SystemRandomNumberGenerator()
            return Subdomain("drawn-\(count)") ?? .random(using: &generator)
        }
    }

    private func given(_ name: String) throws -> Subdomain { try #require(Subdomain(name)) }

    @Test func doublesFromHalfASecondToThirty() throws {
        var policy = policy()
        policy.online(as: try given("abc"), at: start)
        var delays = [policy.lost(at: start, random: 0.5)]
        for _ in 0..<8 {
            delays.append(policy.failed(.notConnected(.unreachable(.server, .closed)), at: start, random: 0.5))
        }
        let milliseconds: [Int64] = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]
        #expect(delays == milliseconds.map { .retry(after: .milliseconds($0)) })
        #expect(policy.nextAttempt == 9)
        for _ in 0..<200 { _ = policy.failed(.notConnected(.unreachable(.server, .closed)), at: start, random: 0.5) }
        #expect(
            policy.failed(.notConnected(.unreachable(.server, .closed)), at: start, random: 0.5)
                == .retry(after: .seconds(30))
        )
    }

    @Test func spreadsByAQuarterEitherWay() {
        var low = policy(waits: true)
        var high = policy(waits: true)
        #expect(low.failed(.notFound("x"), at: start, random: 0) == .retry(after: .milliseconds(375)))
        guard case .retry(let delay) = high.failed(.notFound("x"), at: start, random: 1.0.nextDown) else {
            Issue.record("gave up")
            return
        }
        #expect(delay > .milliseconds(624) && delay <= .milliseconds(625))
    }

    @Test func startsOverAfterAGoodLife() throws {
        var policy = policy()
        policy.online(as: try given("abc"), at: start)
        _ = policy.lost(at: start + .seconds(1), random: 0.5)
        policy.online(as: try given("abc"), at: start + .seconds(2))
        #expect(policy.lost(at: start + .seconds(11), random: 0.5) == .retry(after: .seconds(1)))
        policy.online(as: try given("abc"), at: start + .seconds(20))
        #expect(policy.lost(at: start + .seconds(30), random: 0.5) == .retry(after: .milliseconds(500)))
    }

    @Test(arguments: [
        ConnectFailure.notConnected(.unreachable(.server, .closed)), .subdomainTaken("x"), .notFound("x"),
        .refused(status: 503, "x"),
        .notATunnelServer(.notHTTP), .protocolError("x"), .notAuthorizedBy(Refusal.temporary.failure),
        .tooManyTunnels("x"), .mustWait("x"),
    ])
    func theFirstFailureGivesUpUnlessItWaits(failure: ConnectFailure) throws {
        var first = policy()
        #expect(first.failed(failure, at: start, random: 0.5) == .giveUp)
        var waiting = policy(waits: true)
        #expect(waiting.failed(failure, at: start, random: 0.5) == .retry(after: .milliseconds(500)))
        var later = policy()
        later.online(as: try given("abc"), at: start)
        _ = later.lost(at: start, random: 0.5)
        #expect(later.failed(failure, at: start, random: 0.5) == .retry(after: .seconds(1)))
    }

    /// A key that once was right may become right again. A key that never was right needs a person, not time.
    @Test(arguments: [
        ConnectFailure.notAuthorized("x"), .notAuthorizedBy(Refusal.forThePerson.failure), .nameReserved("x"),
        .takenForPage("x"),
    ])
    func aFirstRefusalOfTheKeyIsFinal(failure: ConnectFailure) throws {
        var waiting = policy(waits: true)
        #expect(waiting.failed(failure, at: start, random: 0.5) == .giveUp)
        var later = policy()
        later.online(as: try given("abc"), at: start)
        #expect(later.failed(failure, at: start, random: 0.5) == .retry(after: .milliseconds(500)))
    }

    @Test(arguments: [0, 0.5, 1.0.nextDown]) func aBusyServerIsTriedForFifteenSeconds(random: Double) {
        var policy = policy()
        var now = start
        var delays: [TimeAmount] = []
        while case .retry(let delay) = policy.failed(.serverBusy("x"), at: now, random: random), delays.count < 100 {
            delays.append(delay)
            now = now + delay
        }
        #expect(now - start < .seconds(15) && now - start > .seconds(11))
        #expect(delays.first == .nanoseconds(Int64(500_000_000 * (0.5 + random))))
        #expect(delays.allSatisfy { $0 <= .seconds(3) })
        #expect(policy.nextAttempt == delays.count + 1)
    }

    @Test func otherFailuresAreNotRetriedAsABusyServer() throws {
        var policy = policy()
        #expect(policy.failed(.serverBusy("x"), at: start, random: 0.5) == .retry(after: .milliseconds(500)))
        #expect(policy.failed(.refused(status: 503, "x"), at: start, random: 0.5) == .giveUp)
        var single = self.policy(reconnects: false)
        #expect(single.failed(.serverBusy("x"), at: start, random: 0.5) != .giveUp)
        single.online(as: try given("abc"), at: start)
        #expect(single.failed(.serverBusy("x"), at: start, random: 0.5) == .giveUp)
        // A client that waits, or that reconnects, keeps to its own delays.
        var waiting = self.policy(waits: true)
        for _ in 1...10 { _ = waiting.failed(.serverBusy("x"), at: start, random: 0.5) }
        #expect(waiting.failed(.serverBusy("x"), at: start + .seconds(60), random: 0.5) == .retry(after: .seconds(30)))
    }

    @Test func attemptsAreCountedFromTheLossOn() throws {
        var policy = policy(waits: true)
        #expect(policy.nextAttempt == 1)
        _ = policy.failed(.notConnected(.unreachable(.server, .closed)), at: start, random: 0.5)
        #expect(policy.nextAttempt == 2)
        policy.online(as: try given("abc"), at: start)
        _ = policy.lost(at: start, random: 0.5)
        #expect(policy.nextAttempt == 1)
    }

    @Test func aNeededLoginEndsTheClientAtOnce() {
        var waiting = policy(waits: true)
        #expect(waiting.failed(.notAuthorizedBy(Refusal.forTheOwner.failure), at: start, random: 0.5) == .giveUp)
    }

    @Test func doesNotReconnectIfNotAllowedTo() throws {
        var policy = policy(waits: true, reconnects: false)
        #expect(policy.failed(.notFound("x"), at: start, random: 0.5) != .giveUp)
        policy.online(as: try given("abc"), at: start)
        #expect(policy.lost(at: start + .seconds(100), random: 0.5) == .giveUp)
    }

    // MARK: Names

    @Test func requestsTheSameNameAgain() throws {
        var policy = policy()
        #expect(policy.name == Subdomain("drawn-1"))
        policy.online(as: try given("drawn-1"), at: start)
        _ = policy.lost(at: start, random: 0.5)
        #expect(policy.name == Subdomain("drawn-1"))
        _ = policy.failed(.notConnected(.unreachable(.server, .closed)), at: start + .seconds(1_000), random: 0.5)
        #expect(policy.name == Subdomain("drawn-1"))
    }

    /// A server may give another name than the requested one.
    @Test func theNameFromTheServerIsRequestedAgain() throws {
        for name in [nil, "mine"] {
            var policy = policy(name)
            policy.online(as: try given("picked"), at: start)
            _ = policy.lost(at: start, random: 0.5)
            #expect(policy.name == Subdomain(name ?? "picked"))
        }
    }

    @Test func beforeTheFirstTunnelFiveMoreNamesAreDrawn() {
        var policy = policy()
        for number in 2...6 {
            #expect(policy.failed(.drawnNameTaken(""), at: start, random: 0.5) == .retry(after: .zero))
            #expect(policy.name == Subdomain("drawn-\(number)"))
            #expect(policy.nextAttempt == number)
        }
        #expect(policy.failed(.drawnNameTaken(""), at: start, random: 0.5) == .giveUp)
        // A client that waits goes on drawing names, at its own delays.
        var waiting = self.policy(waits: true)
        for _ in 1...5 { _ = waiting.failed(.drawnNameTaken(""), at: start, random: 0.5) }
        #expect(waiting.failed(.drawnNameTaken(""), at: start, random: 0.5) == .retry(after: .milliseconds(500)))
        #expect(waiting.name == Subdomain("drawn-7"))
        _ = waiting.failed(.notConnected(.unreachable(.server, .closed)), at: start, random: 0.5)
        #expect(waiting.name == Subdomain("drawn-7"))
    }

    @Test(arguments: [ConnectFailure.subdomainTaken("x"), .nameReserved("x")])
    func aDrawnNameIsNotARequestedName(failure: ConnectFailure) {
        #expect(failure.ofDrawnName == .drawnNameTaken("x"))
        #expect(ConnectFailure.notFound("").ofDrawnName == .notFound(""))
    }

    @Test func givesARandomNameUpAfterNinetySecondsOfConflict() throws {
        var policy = policy()
        policy.online(as: try given("picked"), at: start)
        _ = policy.lost(at: start, random: 0.5)
        for second in [0, 30, 89] as [Int64] {
            _ = policy.failed(.drawnNameTaken(""), at: start + .seconds(second), random: 0.5)
            #expect(policy.name == Subdomain("picked"))
        }
        #expect(policy.failed(.drawnNameTaken(""), at: start + .seconds(90), random: 0.5) != .giveUp)
        #expect(policy.name == Subdomain("drawn-2"))
        // That name was never ours, so there is no reason to insist on it.
        _ = policy.failed(.drawnNameTaken(""), at: start + .seconds(91), random: 0.5)
        #expect(policy.name == Subdomain("drawn-3"))
        // The next name has its own ninety seconds.
        policy.online(as: try given("second"), at: start + .seconds(91))
        _ = policy.lost(at: start + .seconds(92), random: 0.5)
        _ = policy.failed(.drawnNameTaken(""), at: start + .seconds(93), random: 0.5)
        #expect(policy.name == Subdomain("second"))
    }

    @Test func neverGivesARequestedNameUp() throws {
        var policy = policy("mine")
        policy.online(as: try given("mine"), at: start)
        _ = policy.lost(at: start, random: 0.5)
        for second in [0, 90, 10_000] as [Int64] {
            let decision = policy.failed(.subdomainTaken(""), at: start + .seconds(second), random: 0.5)
            #expect(decision != .giveUp)
            #expect(policy.name == Subdomain("mine"))
        }
    }

    /// Another process of the same user was killed. The server keeps the name for that one, and says for how long.
    @Test func aKeptNameIsRequestedOnceItIsFree() throws {
        var policy = policy("mine", waits: true)
        for seconds in [10, 4, 1] as [Int64] {
            let failure = ConnectFailure.subdomainKept("", .seconds(seconds))
            #expect(policy.failed(failure, at: start, random: 0) == .retry(after: .seconds(seconds)))
        }
        // The wait does not lengthen the delay after the first loss.
        policy.online(as: try given("mine"), at: start)
        #expect(policy.lost(at: start + .seconds(2), random: 0.5) == .retry(after: ReconnectPolicy.firstDelay))
    }
}
