import Crypto
import NIOCore
import TPoTCapture
import TPoTInspect
import TestSupport
import Testing

@testable import TPoTCommand

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A signed webhook through a tunnel, and its replay.
@Suite(.timeLimit(.minutes(3))) struct SignatureTests {
    private static let secret = "whsec_end_to_end"
    private static let body = #"{"id":"evt_9","type":"invoice.paid"}"#

    /// As Stripe documents it.
    private static func code(_ time: Int64) -> String {
        let key = SymmetricKey(data: Data(secret.utf8))
        let code = HMAC<SHA256>.authenticationCode(for: Data("\(time).\(body)".utf8), using: key)
        return code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test func aReplayTenMinutesLaterIsSignedAnew() async throws {
        let target = try await Targets.echo()
        let tunnel = try await Tunnel.start(target: "localhost:\(target.port)")
        var secrets = WebhookSecrets()
        try secrets.add(lines: Self.secret, of: .stripe, place: "test")
        let store = CaptureStore(meaning: .inspection(secrets), background: .immediate)
        let events = TunnelEvents(tunnel.bus)
        let visitor = try await tunnel.visitor()
        let now = store.clock.read().unixNanoseconds
        let seconds = now / 1_000_000_000
        let field = "Stripe-Signature: t=\(seconds),v1=\(Self.code(seconds))\r\n"
        visitor.send(tunnel.request("/hook", method: "POST", fields: field, body: Self.body))
        func finished(_ number: UInt64) async throws -> CapturedExchange {
            while true {
                store.consume([try await events.next { _ in true }])
                if let content = store.detail(number), content.exchange.state.isOver { return content }
            }
        }
        let delivery = try await finished(1)
        #expect(delivery.row.delivery?.sender == "Stripe" && delivery.row.signature == .valid)

        let request = try ReplayRequest.bytes(of: delivery)
        let later = now + 600 * 1_000_000_000
        let replay = SignedReplay(request, of: delivery, ReplaySigning(secrets), publicURL: tunnel.url, at: later)
        #expect(replay.isSigned && replay.message == nil)
        tunnel.client.replay(ByteBuffer(bytes: replay.bytes), of: 1)
        // The target's answer is what it got.
        let got = text(try await finished(2).responseBody.bytes)
        let time = seconds + 600
        #expect(got.contains("\r\nStripe-Signature: t=\(time),v1=\(Self.code(time))\r\n"))
        #expect(
            got.replacing("t=\(time),v1=\(Self.code(time))", with: "")
                == text(request)
                .replacing("t=\(seconds),v1=\(Self.code(seconds))", with: "")
        )
        try await tunnel.stop()
    }
}
