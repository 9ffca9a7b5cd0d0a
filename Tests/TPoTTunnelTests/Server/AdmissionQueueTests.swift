import NIOCore
import Testing

@testable import TPoTTunnel

/// How long clients wait for the check of a key, and which keys are not checked at all: ``AuthorizationVerifier``.
@Suite(.timeLimit(.minutes(3))) struct AdmissionQueueTests {
    private typealias Handed = VerifierUnderTest.Handed
    private let attacker = VerifierUnderTest.client("203.0.113.66")
    private let honest = VerifierUnderTest.client("192.0.2.1")
    private let busy = "503 too many clients connect at this moment"

    /// The keys that the verifier takes out of its queue at once: one in its thread, and one ready for the thread.
    private let derivedAtOnce = 2

    private func texts(_ handed: [Handed]) async -> [String] {
        var texts: [String] = []
        for handed in handed { texts.append(await handed.text()) }
        return texts
    }

    @Test func theQueueOfOneAddressIsBoundedAndLeavesRoomForOthers() async throws {
        let verifier = try await VerifierUnderTest()
        verifier.hold()
        var wrong: [Handed] = []
        for number in 1...100 { wrong.append(try await verifier.hand("a\(number)", from: attacker)) }
        let right = try await verifier.hand("h", isRight: true, from: honest)
        verifier.release()
        #expect(await right.text() == "ok")
        let seen = await texts(wrong)
        #expect(seen.count { $0 == busy } == 100 - AuthorizationVerifier.waitingPerAddress - derivedAtOnce)
        // It did not wait for all of the attacker's earlier keys, but only for those under way and one more.
        #expect(verifier.derived.firstIndex(of: "h") ?? .max <= derivedAtOnce + 1)
        try await verifier.stop()
    }

    @Test func fiveWrongKeysMakeAnAddressWaitBeforeAnyDerivation() async throws {
        let verifier = try await VerifierUnderTest()
        for number in 1...5 {
            #expect(try await verifier.hand("a\(number)", from: attacker).text() == "401 wrong key")
        }
        let wait = "429 too many wrong keys from this address: wait"
        #expect(try await verifier.hand("a6", from: attacker).text() == "\(wait) 10 s")
        verifier.advance(by: .milliseconds(9_001))
        // A right key waits too: only a derivation could tell it from a wrong one.
        #expect(try await verifier.hand("a7", isRight: true, from: attacker).text() == "\(wait) 1 s")
        #expect(try await verifier.hand("h", isRight: true, from: honest).text() == "ok")
        verifier.advance(by: .milliseconds(999))
        #expect(try await verifier.hand("a8", from: attacker).text() == "401 wrong key")
        #expect(try await verifier.hand("a9", from: attacker).text() == "\(wait) 20 s")
        verifier.advance(by: .seconds(20))
        #expect(try await verifier.hand("a10", isRight: true, from: attacker).text() == "ok")
        #expect(try await verifier.hand("a11", from: attacker).text() == "401 wrong key")
        #expect(verifier.derived == ["a1", "a2", "a3", "a4", "a5", "h", "a8", "a10", "a11"])
        try await verifier.stop()
    }

    @Test func keysInTheQueueOfAnAddressThatHasToWaitAreNotDerived() async throws {
        let verifier = try await VerifierUnderTest()
        verifier.hold()
        var wrong: [Handed] = []
        for number in 1...30 { wrong.append(try await verifier.hand("a\(number)", from: attacker)) }
        verifier.release()
        let seen = await texts(wrong)
        // One more key may be ready for the thread when the fifth is found to be wrong.
        #expect((5...6).contains(verifier.derived.count))
        #expect(seen.suffix(24).allSatisfy { $0 == "429 too many wrong keys from this address: wait 10 s" })
        try await verifier.stop()
    }

    @Test func anIPv6NetworkWaitsAsAWhole() async throws {
        let verifier = try await VerifierUnderTest()
        for number in 1...5 {
            _ = try await verifier.hand("a\(number)", from: VerifierUnderTest.client("2001:db8::\(number)")).text()
        }
        let neighbour = VerifierUnderTest.client("2001:db8::ffff")
        #expect(try await verifier.hand("a6", from: neighbour).text().hasPrefix("429 "))
        let other = VerifierUnderTest.client("2001:db8:0:1::1")
        #expect(try await verifier.hand("a7", isRight: true, from: other).text() == "ok")
        try await verifier.stop()
    }

    @Test func theLoopbackNeverWaits() async throws {
        let verifier = try await VerifierUnderTest()
        for number in 1...20 {
            #expect(try await verifier.hand("a\(number)", from: VerifierUnderTest.loopback).text() == "401 wrong key")
        }
        #expect(try await verifier.hand("h", isRight: true, from: VerifierUnderTest.loopback).text() == "ok")
        try await verifier.stop()
    }

    /// A hundred clients behind a proxy that does not name them are no attack. They leave places for others.
    @Test func unnamedConnectionsAreServedInOrder() async throws {
        let verifier = try await VerifierUnderTest()
        verifier.hold()
        var handed: [Handed] = []
        for number in 1...600 {
            handed.append(try await verifier.hand("l\(number)", isRight: true, from: VerifierUnderTest.loopback))
        }
        let other = try await verifier.hand("h", isRight: true, from: honest)
        verifier.release()
        let seen = await texts(handed + [other])
        let places = AuthorizationVerifier.waitingUnnamed + derivedAtOnce
        #expect(seen.prefix(places).allSatisfy { $0 == "ok" })
        #expect(seen[places..<600].allSatisfy { $0 == busy })
        #expect(seen.last == "ok")
        #expect(verifier.derived.prefix(places) == ArraySlice((1...places).map { "l\($0)" }))
        try await verifier.stop()
    }

    @Test func clientsThatALoopbackProxyNamesTakeTurns() async throws {
        let verifier = try await VerifierUnderTest()
        verifier.hold()
        var handed: [Handed] = []
        for number in 1...30 {
            handed.append(try await verifier.hand("a\(number)", from: VerifierUnderTest.claimed("203.0.113.66")))
        }
        for number in 1...20 {
            let client = VerifierUnderTest.claimed("192.0.2.\(number)")
            handed.append(try await verifier.hand("h\(number)", isRight: true, from: client))
        }
        verifier.release()
        let seen = await texts(handed)
        #expect(seen.count { $0 == "ok" } == 20)
        // A client can invent the names, so a wrong key makes none of them wait.
        #expect(seen.count { $0 == "401 wrong key" } == 30)
        let last = verifier.derived.lastIndex { $0.hasPrefix("h") } ?? .max
        #expect(last < derivedAtOnce + 2 * 20)
        try await verifier.stop()
    }

    @Test func theWholeQueueIsBounded() async throws {
        let verifier = try await VerifierUnderTest()
        verifier.hold()
        var handed: [Handed] = []
        for number in 0..<40 {
            for place in 0..<32 {
                let client = VerifierUnderTest.client("198.51.100.\(number)")
                handed.append(try await verifier.hand("\(number)-\(place)", isRight: true, from: client))
            }
        }
        verifier.release()
        let seen = await texts(handed)
        #expect(seen.count { $0 == "ok" } == AuthorizationVerifier.waitingAtMost + derivedAtOnce)
        #expect(seen.count { $0 == busy } == 40 * 32 - AuthorizationVerifier.waitingAtMost - derivedAtOnce)
        try await verifier.stop()
    }

    @Test func aClientThatHasGoneIsNotChecked() async throws {
        let verifier = try await VerifierUnderTest()
        verifier.hold()
        var handed: [Handed] = []
        for number in 1...10 { handed.append(try await verifier.hand("a\(number)", isRight: true, from: honest)) }
        for gone in handed[4...7] { try await verifier.abandon(gone) }
        // Nothing happens if a key is abandoned twice, or while the thread has it.
        try await verifier.abandon(handed[4])
        try await verifier.abandon(handed[0])
        verifier.release()
        let seen = await texts(handed)
        #expect(seen.count { $0 == "ok" } == 6)
        #expect(verifier.derived == ["a1", "a2", "a3", "a4", "a9", "a10"])
        try await verifier.stop()
    }

    @Test func aClientThatHasWaitedTooLongIsRefused() async throws {
        let verifier = try await VerifierUnderTest()
        verifier.hold()
        var handed: [Handed] = []
        for number in 1...6 { handed.append(try await verifier.hand("a\(number)", isRight: true, from: honest)) }
        verifier.advance(by: AuthorizationVerifier.longestWait)
        handed.append(try await verifier.hand("late", isRight: true, from: honest))
        verifier.release()
        let seen = await texts(handed)
        #expect(seen == ["ok", "ok", busy, busy, busy, busy, "ok"])
        #expect(verifier.derived == ["a1", "a2", "late"])
        try await verifier.stop()
    }

    @Test func aStoppingServerRefusesWaitingClients() async throws {
        let verifier = try await VerifierUnderTest()
        verifier.hold()
        var handed: [Handed] = []
        for number in 1...6 { handed.append(try await verifier.hand("a\(number)", isRight: true, from: honest)) }
        try await verifier.stop()
        #expect(await texts(Array(handed.suffix(4))).allSatisfy { $0 == busy })
        verifier.release()
        _ = await texts(handed)
    }
}
