import NIOCore
import TPoTCapture
import TPoTDashboard
import TPoTInspect
import Testing

@testable import TPoTCommand

@Suite struct DemoStoryTests {
    private static let opening = 0..<DemoStory.openingCount

    private static func delivery(_ index: Int) -> Delivery? {
        guard let request = DemoStory.scene(index).visit.requests.first else { return nil }
        let signed = request.signed(at: 1_795_435_200_000_000_000)
        let head = signed.head(host: "shop.localhost:3000", address: "203.0.113.9:1")
        let fields = head.headers.map { "\($0.name): \($0.value)\r\n" }.joined()
        return Delivery(head: Array("\(head.method) \(head.uri) HTTP/1.1\r\n\(fields)\r\n".utf8), body: request.body)
    }

    @Test func theOpeningShowsWhoSendsAndWhat() {
        let shown = Self.opening.compactMap(Self.delivery).map {
            [$0.sender, $0.event].compactMap(\.self).joined(separator: " ")
        }
        for expected in [
            "Stripe customer.created", "Stripe invoice.paid", "Stripe invoice.payment_failed", "GitHub push",
            "GitHub pull_request opened #17", "Shopify orders/create #1001", "Slack app_mention", "Slack /restock",
            "GraphQL GetCart", "Firefox", "Safari", "Chrome", "curl", "okhttp",
        ] {
            #expect(shown.contains(expected), "\(shown)")
        }
    }

    @Test func deliveriesComeAgain() {
        let ids = (0..<100).compactMap { Self.delivery($0)?.id }
        let again = Dictionary(grouping: ids, by: \.self).mapValues(\.count)
        #expect(again.values.contains(2))
        #expect(again.values.allSatisfy { $0 <= 2 }, "\(again)")
    }

    @Test func webhooksAreSignedAndOneIsForged() throws {
        let now: Int64 = 1_795_435_200_000_000_000
        var forged = 0
        for index in 0..<100 {
            for request in DemoStory.scene(index).visit.requests {
                guard let scheme = request.signature else { continue }
                let head = request.signed(at: now).head(host: "shop.localhost", address: "203.0.113.9:1")
                let fields = head.headers.map { "\($0.name): \($0.value)\r\n" }.joined()
                let webhook = WebhookRequest(
                    head: Array("\(head.method) \(head.uri) HTTP/1.1\r\n\(fields)\r\n".utf8),
                    body: request.body
                )
                let verdict = scheme.verify(webhook, secrets: DemoSecrets.shop, at: now)
                if verdict == .mismatch { forged += 1 } else { #expect(verdict == .valid, "\(request.path)") }
            }
        }
        #expect(forged == 1)
        for path in ["/webhooks/stripe", "/webhooks/github", "/webhooks/shopify", "/slack/events", "/slack/commands"] {
            let all = (0..<100).flatMap { DemoStory.scene($0).visit.requests }.filter { $0.path == path }
            #expect(!all.isEmpty && all.allSatisfy { $0.signature != nil }, "\(path)")
        }
    }

    @Test func thePaceIsCalm() {
        let times = (0..<100).map { DemoStory.scene($0).time }
        #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 >= .milliseconds(200) })
        #expect(times[DemoStory.openingCount - 1] < .seconds(10))
        #expect(times.filter { $0 > .seconds(10) && $0 <= .seconds(70) }.count == 24)
    }

    /// Otherwise pictures of the demo would differ from run to run.
    @Test func everyRunIsTheSame() {
        for index in 0..<100 {
            let (first, second) = (DemoStory.scene(index), DemoStory.scene(index))
            #expect(first.address == second.address)
            #expect(first.visit.requests.map(\.body) == second.visit.requests.map(\.body))
        }
    }

    @Test func theInvitationNamesKeysThatThereAre() {
        let text = DemoCommandRunner.invitation(targetPort: 1).joined()
        for key in [Key.enter, .character("e"), .character("d"), .character("r")] {
            #expect(KeyBindings.action(for: key, in: .requests) != nil)
        }
        for key in [" enter ", " e ", " d ", " o,", " r"] { #expect(text.contains(key)) }
    }
}
