import TPoTCapture
import TPoTTraffic
import TestSupport
import Testing

@testable import TPoTInspect

@Suite struct ReplaySigningTests {
    private static let later: Int64 = (SignedDelivery.time + 600) * 1_000_000_000

    private func exchange(_ delivery: SignedDelivery) throws -> CapturedExchange {
        let store = testStore(secrets: try SignedDelivery.secrets)
        var transcript = Transcript()
        transcript.deliver(delivery)
        store.consume(&transcript)
        return try #require(store.detail(1))
    }

    private func signed(
        _ exchange: CapturedExchange,
        _ change: ([UInt8]) -> [UInt8] = { $0 }
    ) throws -> [UInt8]? {
        let signing = try #require(ReplaySigning(try SignedDelivery.secrets))
        let request = change(try ReplayRequest.bytes(of: exchange))
        return try signing.signed(request, of: exchange, publicURL: nil, at: Self.later)
    }

    private func verdict(_ bytes: [UInt8]) throws -> SignatureVerdict {
        SignatureScheme.stripe.verify(WebhookRequest(bytes: bytes), secrets: try SignedDelivery.secrets, at: Self.later)
    }

    @Test func aSignedDeliveryIsSignedAnewEdited() throws {
        let exchange = try exchange(.valid)
        #expect(try verdict(try ReplayRequest.bytes(of: exchange)) == .tooOld(seconds: 600, allowed: 300))
        #expect(try verdict(try #require(try signed(exchange))) == .valid)
        let edited = try signed(exchange) { Array(text($0).replacing("1999", with: "2000").utf8) }
        #expect(text(try #require(edited)).contains("2000"))
        #expect(try verdict(try #require(edited)) == .valid)
    }

    @Test func anOldSignatureIsSignedAnewToo() throws {
        #expect(try verdict(try #require(try signed(try exchange(.old)))) == .valid)
    }

    /// Anyone may have sent it.
    @Test(arguments: [SignedDelivery.wrong, .unsigned, .malformed])
    func whatWasNotSignedIsNotSignedNow(delivery: SignedDelivery) throws {
        var exchange = try exchange(delivery)
        #expect(try signed(exchange) == nil)
        // Before the background has looked at it.
        exchange.row.signature = nil
        #expect(try signed(exchange) == nil)
    }

    @Test func aSignatureThatTheUserWroteStays() throws {
        let exchange = try exchange(.valid)
        #expect(try signed(exchange) { Array(text($0).replacing("v1=6c", with: "v1=00").utf8) } == nil)
    }

    @Test func theAgeIsKnownWithoutASecret() throws {
        let exchange = try exchange(.valid)
        let age = ReplaySigning.age(of: exchange, at: Self.later)
        #expect(age?.seconds == 600 && age?.allowed == 300)
        #expect(ReplaySigning.age(of: exchange, at: SignedDelivery.time * 1_000_000_000) == nil)
        #expect(ReplaySigning.age(of: try self.exchange(.unsigned), at: Self.later) == nil)
    }

    /// A new signature is no edit.
    @Test func theSignatureIsNamedApart() throws {
        let store = testStore(secrets: try SignedDelivery.secrets)
        var transcript = Transcript()
        transcript.deliver(.failed)
        transcript.deliver(.failedAgain, replayOf: 1)
        transcript.deliver(.failedAgain.with(body: "{}"), replayOf: 1)
        store.consume(&transcript)
        #expect(store.detail(2)?.row.replay?.edit == "signature")
        #expect(store.detail(3)?.row.replay?.edit?.hasSuffix(", signature") == true)
    }
}
