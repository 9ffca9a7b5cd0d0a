import TPoTInspect
import TestSupport
import Testing

@testable import TPoTDashboard

@Suite struct SigningTests {
    private func dashboard(knowsSecret: Bool = true, minutes: Int = 0) throws -> DashboardFixture {
        let secrets = knowsSecret ? try SignedDelivery.secrets : WebhookSecrets()
        var dashboard = DashboardFixture(width: 120, secrets: secrets)
        dashboard.play { traffic in
            traffic.online()
            traffic.deliver(.valid)
        }
        dashboard.wait(milliseconds: minutes * 60_000)
        return dashboard
    }

    @Test func replaysAreSignedAnewUntilASaysOtherwise() throws {
        var dashboard = try dashboard()
        #expect(try dashboard.press("r") == [.replay(1, count: 1, signed: true)])
        dashboard.play { $0.deliver(.valid, replayOf: 1) }
        #expect(dashboard.lastRow == " replayed as 2, signed anew")
        #expect(try dashboard.press("ke") == [.edit(1, signed: true)])
        #expect(try dashboard.press("R3<enter>") == [.replay(1, count: 3, signed: true)])
        #expect(try dashboard.press("a").isEmpty)
        #expect(dashboard.lastRow == " replays keep the signature as captured")
        #expect(try dashboard.press("r") == [.replay(1, count: 1)])
        dashboard.play { $0.deliver(.valid, replayOf: 1) }
        #expect(dashboard.lastRow == " replayed as 3")
        #expect(try dashboard.press("a").isEmpty)
        #expect(dashboard.lastRow == " replays of signed webhooks are signed anew")
    }

    @Test func anOldSignatureIsSpokenOfBeforeTheHandlerDoes() throws {
        var dashboard = try dashboard(knowsSecret: false, minutes: 12)
        #expect(try dashboard.press("r") == [.replay(1, count: 1)])
        dashboard.play { $0.deliver(.valid, replayOf: 1, status: 400) }
        #expect(dashboard.lastRow == " replayed as 2; its signature is 12 min old, and Stripe allows 5 min")
        // The same where it was turned off.
        dashboard = try self.dashboard(minutes: 12)
        _ = try dashboard.press("ar")
        dashboard.play { $0.deliver(.valid, replayOf: 1, status: 400) }
        #expect(dashboard.lastRow.hasSuffix("and Stripe allows 5 min"))
    }

    @Test func withoutASecretTheKeySaysHow() throws {
        var dashboard = try dashboard(knowsSecret: false)
        #expect(try dashboard.press("a").isEmpty)
        #expect(dashboard.lastRow == " ! no secret of a webhook is known: --webhook-secret stripe=@FILE")
        #expect(!dashboard.text.contains("signed"))
    }
}
