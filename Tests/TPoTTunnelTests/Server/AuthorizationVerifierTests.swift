import NIOCore
import NIOPosix
import TPoTWire
import Testing

@testable import TPoTTunnel

/// Which headers are accepted, and how often. The key is a real one.
@Suite struct AuthorizationVerifierTests {
    private static let key = "a key that is at least thirty-two characters long"
    private static let now: Int64 = 1_700_000_000_000

    private func header(_ nonce: UInt8 = 1, key: String = key, at time: Int64 = now) throws -> String {
        try TunnelAuthorization(key: key, milliseconds: time, nonce: Array(repeating: nonce, count: 32)).headerValue
    }

    /// Gives the verifier these headers, either one after the other or all at once. Returns the texts of the refusals.
    private func verify(
        _ headers: [(header: String?, now: Int64)],
        atOnce: Bool = false
    ) async throws -> [String] {
        let verifier = try await VerifierUnderTest(key: Self.key)
        var texts: [String] = []
        if atOnce {
            let checks = try await verifier.verifyAll(headers.map { ($0.header, nil, $0.now) })
            for check in checks { texts.append(await check.text()) }
        } else {
            for (header, now) in headers { texts.append(await verifier.verify(header, unixTime: now)) }
        }
        try await verifier.stop()
        return texts
    }

    @Test func acceptsTheRightKeyOnce() async throws {
        let seen = try await verify([
            (header(), Self.now), (header(), Self.now), (header(2), Self.now), (header(), Self.now + 60_000),
        ])
        #expect(seen == ["ok", "401 authorization was used before", "ok", "401 authorization was used before"])
    }

    @Test func acceptsOnlyOneOfTwoAtOnce() async throws {
        let header = try header()
        let seen = try await verify(Array(repeating: (header, Self.now), count: 6), atOnce: true)
        #expect(seen.count { $0 == "ok" } == 1)
        #expect(seen.count { $0 == "401 authorization was used before" } == 5)
    }

    @Test func refusesWhatIsWrong() async throws {
        let seen = try await verify([
            (nil, Self.now), ("Bearer abc", Self.now), (header(key: Self.key + "!"), Self.now), (header(), Self.now),
        ])
        #expect(
            seen == [
                "401 no authorization header present", "401 not a TPoT-1 authorization", "401 wrong key",
                // The wrong key did not use up the nonce.
                "ok",
            ]
        )
    }

    @Test func acceptsAMinuteEitherWay() async throws {
        let seen = try await verify([
            (header(1), Self.now + 60_000), (header(2), Self.now + 60_001), (header(3), Self.now - 60_000),
            (header(4), Self.now - 60_001),
        ])
        #expect(
            seen == [
                "ok", "401 authorization too far in the past", "ok", "401 authorization too far in the future",
            ]
        )
    }

    @Test func remembersForAsLongAsItWouldPass() async throws {
        // A time one minute ahead stays valid for two minutes.
        let early = try header(1, at: Self.now + 60_000)
        let seen = try await verify([
            (early, Self.now), (header(2, at: Self.now + 120_000), Self.now + 120_000), (early, Self.now + 120_000),
            (early, Self.now + 120_001),
        ])
        #expect(
            seen == [
                "ok", "ok", "401 authorization was used before", "401 authorization too far in the past",
            ]
        )
    }

    @Test func theQueueEmptiesAgain() async throws {
        let seen = try await verify((1...40).map { (try header(UInt8($0)), Self.now) })
        #expect(seen.allSatisfy { $0 == "ok" })
    }
}
