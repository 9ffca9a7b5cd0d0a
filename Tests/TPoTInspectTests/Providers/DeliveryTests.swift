import TPoTCapture
import TPoTInspect
import TestSupport
import Testing

@testable import struct TPoTInspect.JSONFields

/// Deliveries as the providers' documentation shows them; names and ids are invented.
@Suite struct DeliveryTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        var sender: String?
        var event: String?
        var id: String?
        var signature: SignatureScheme?
        /// Without `Host`, and with bare line feeds.
        var head: String
        var body: String

        var testDescription: String { "\(sender ?? "-") \(event ?? "-")" }

        init(
            _ sender: String?,
            _ event: String?,
            id: String? = nil,
            signed signature: SignatureScheme? = nil,
            _ head: String,
            _ body: String = ""
        ) {
            self.sender = sender
            self.event = event
            self.id = id
            self.signature = signature
            self.head = head
            self.body = body
        }

        var delivery: Delivery {
            let lines = head.split(separator: "\n").joined(separator: "\r\n")
            return Delivery(head: Array("\(lines)\r\nHost: localhost\r\n\r\n".utf8), body: Array(body.utf8))
        }
    }

    private static let json = "Content-Type: application/json"
    private static let form = "Content-Type: application/x-www-form-urlencoded"

    static let samples: [Sample] = [
        Sample(
            "Stripe",
            "invoice.payment_failed",
            id: "evt_1NG8Du2eZvKYlo2CUI79vXWy",
            signed: .stripe,
            """
            POST /webhooks/stripe HTTP/1.1
            User-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)
            Content-Type: application/json; charset=utf-8
            Stripe-Signature: t=1492774577,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd
            """,
            #"""
            {
              "id": "evt_1NG8Du2eZvKYlo2CUI79vXWy",
              "object": "event",
              "api_version": "2024-06-20",
              "created": 1686089970,
              "data": {"object": {"id": "in_1NG8", "object": "invoice", "amount_due": 2000, "type": "not this"}},
              "livemode": false,
              "type": "invoice.payment_failed"
            }
            """#
        ),
        Sample(
            "GitHub",
            "pull_request opened #17",
            id: "72d3162e-cc78-11e3-81ab-4c9367dc0958",
            signed: .gitHub,
            """
            POST /webhooks/github HTTP/1.1
            User-Agent: GitHub-Hookshot/044aadd
            X-GitHub-Delivery: 72d3162e-cc78-11e3-81ab-4c9367dc0958
            X-GitHub-Event: pull_request
            X-Hub-Signature-256: sha256=d57c68ca6f92289e6987922ff26938930f6e66a2d161ef06abdf1859230aa23c
            Content-Type: application/json
            """,
            #"{"action":"opened","number":17,"pull_request":{"url":"https://api.github.com/repos/ada/shop/pulls/17"}}"#
        ),
        Sample(
            "GitHub",
            "issue_comment created #4",
            id: "d1",
            signed: .gitHub,
            "POST / HTTP/1.1\nX-GitHub-Event: issue_comment\nX-GitHub-Delivery: d1\n\(json)",
            #"{"action":"created","issue":{"number":4,"title":"a"},"comment":{"id":1}}"#
        ),
        Sample(
            "GitHub",
            "ping",
            signed: .gitHub,
            "POST / HTTP/1.1\nX-GitHub-Event: ping\n\(json)",
            #"{"zen":"Design"}"#
        ),
        Sample(
            "GitLab",
            "merge_request open !7",
            id: "f5e5f430-f57b-4e6e-9fac-d9128cd7232f",
            signed: .gitLab,
            """
            POST /gitlab HTTP/1.1
            User-Agent: GitLab/16.11.0
            X-Gitlab-Event: Merge Request Hook
            X-Gitlab-Token: opaque
            Idempotency-Key: f5e5f430-f57b-4e6e-9fac-d9128cd7232f
            X-Gitlab-Event-UUID: 13792a34-cac6-4fda-95a8-c58e00a3954e
            Content-Type: application/json
            """,
            #"""
            {"object_kind":"merge_request","user":{"name":"Ada"},
             "object_attributes":{"id":99,"iid":7,"source_branch":"fix","target_branch":"main","action":"open"}}
            """#
        ),
        Sample(
            "GitLab",
            "push",
            id: "u",
            signed: .gitLab,
            "POST / HTTP/1.1\nX-Gitlab-Event: Push Hook\nX-Gitlab-Event-UUID: u\n\(json)",
            #"{"object_kind":"push","ref":"refs/heads/main"}"#
        ),
        Sample(
            "Shopify",
            "orders/create #1001",
            id: "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
            signed: .shopify,
            """
            POST /shopify HTTP/1.1
            X-Shopify-Topic: orders/create
            X-Shopify-Hmac-Sha256: XWmrwMey6OsLMeiZKwP4FppHH3cmAiiJJAweH5Jo4bM=
            X-Shopify-Shop-Domain: ada.myshopify.com
            X-Shopify-Webhook-Id: b54557e4-bdd9-4b37-8a5f-bf7d70bcd043
            Content-Type: application/json
            """,
            #"{"id":820982911946154508,"email":"jon@example.com","order_number":1001}"#
        ),
        Sample(
            "Slack",
            "app_mention",
            id: "Ev9UQ52YNA",
            signed: .slack,
            """
            POST /slack HTTP/1.1
            User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)
            X-Slack-Signature: v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503
            X-Slack-Request-Timestamp: 1531420618
            Content-Type: application/json
            """,
            #"""
            {"token":"XXYYZZ","team_id":"T123","api_app_id":"A1","event":{"type":"app_mention","user":"U1"},
             "type":"event_callback","event_id":"Ev9UQ52YNA","event_time":1234567890}
            """#
        ),
        Sample(
            "Slack",
            "/deploy",
            id: "13345224609.738474920.8088930838d88f008e0",
            signed: .slack,
            "POST / HTTP/1.1\nX-Slack-Signature: v0=00\n\(form)",
            "token=gIk&team_id=T0001&command=%2Fdeploy&text=shop&trigger_id=13345224609.738474920.8088930838d88f008e0"
        ),
        Sample(
            "Slack",
            "block_actions",
            id: "1.2",
            signed: .slack,
            "POST / HTTP/1.1\nX-Slack-Signature: v0=00\n\(form)",
            "payload=%7B%22type%22%3A%22block_actions%22%2C%22trigger_id%22%3A%221.2%22%7D"
        ),
        Sample(
            "Twilio",
            "message delivered",
            id: "a1b2",
            signed: .twilio,
            """
            POST /sms HTTP/1.1
            User-Agent: TwilioProxy/1.1
            X-Twilio-Signature: GvWf1cFY/Q7PnoempGyD5oXAezc=
            I-Twilio-Idempotency-Token: a1b2
            Content-Type: application/x-www-form-urlencoded
            """,
            "SmsSid=SM2xxxxxx&SmsStatus=sent&MessageStatus=delivered&To=%2B1512zzzyyyy&MessageSid=SM2xxxxxx"
        ),
        Sample(
            "SendGrid",
            "delivered",
            id: "ZGVsaXZlcmVk",
            signed: .sendGrid,
            """
            POST /sendgrid HTTP/1.1
            User-Agent: SendGrid Event API
            X-Twilio-Email-Event-Webhook-Signature: MEUCIQ==
            X-Twilio-Email-Event-Webhook-Timestamp: 1600112502
            Content-Type: application/json; charset=utf-8
            """,
            #"[{"email":"ada@example.com","event":"delivered","sg_event_id":"ZGVsaXZlcmVk"},{"event":"open"}]"#
        ),
        Sample(
            "Mailgun",
            "delivered",
            id: "CPgfbmQMTCKtHW6uIWtuVe",
            signed: .mailgun,
            "POST /mailgun HTTP/1.1\nUser-Agent: mailgun/treq-21.1.0\n\(json)",
            #"""
            {"signature":{"timestamp":"1529006854","token":"a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0",
            "signature":"d2271d12299f6592d9d44cd9d250f0704e4674c30d79d07c47a66f95ce71cf55"},
            "event-data":{"event":"delivered","id":"CPgfbmQMTCKtHW6uIWtuVe","timestamp":1521472262.908181}}
            """#
        ),
        Sample(
            "Discord",
            "/roll",
            id: "786008729715212338",
            signed: .discord,
            """
            POST /discord HTTP/1.1
            User-Agent: Discord-Interactions/1.0 (+https://discord.com)
            X-Signature-Ed25519: 1c2d
            X-Signature-Timestamp: 1700000000
            Content-Type: application/json
            """,
            #"{"type":2,"token":"A_UNIQUE_TOKEN","id":"786008729715212338","data":{"name":"roll","type":1}}"#
        ),
        Sample(
            "Discord",
            "interaction type 1",
            id: "1",
            signed: .discord,
            "POST / HTTP/1.1\nX-Signature-Ed25519: 1c\n\(json)",
            #"{"id":"1","type":1}"#
        ),
        Sample(
            "Linear",
            "Issue update",
            id: "234d1a4e-b617-4388-90fe-adc3633d6b72",
            signed: .linear,
            """
            POST /linear HTTP/1.1
            User-Agent: Linear-Webhook
            Linear-Delivery: 234d1a4e-b617-4388-90fe-adc3633d6b72
            Linear-Event: Issue
            Linear-Signature: 766e1d90a96e2f5ecec342a99c5552999dd95d49250171b902d703fd674f5086
            Content-Type: application/json; charset=utf-8
            """,
            #"{"action":"update","type":"Issue","createdAt":"2024-01-01T00:00:00.000Z","data":{"id":"2174add1"}}"#
        ),
        Sample(
            "Paddle",
            "transaction.completed",
            id: "ntf_01h8bzam1z32agrxjwhjgqk8w6",
            signed: .paddle,
            """
            POST /paddle HTTP/1.1
            User-Agent: Paddle
            Paddle-Signature: ts=1671552777;h1=eb4d0dc8853be92b7f063b9f3ba5233eb920a09459b6e6b2c26705b4364db151
            Content-Type: application/json
            """,
            #"""
            {"event_id":"evt_01h8","event_type":"transaction.completed",
             "notification_id":"ntf_01h8bzam1z32agrxjwhjgqk8w6","data":{"id":"txn_1"}}
            """#
        ),
        Sample(
            "Telegram",
            "message",
            id: "10000",
            signed: .telegram,
            "POST /bot HTTP/1.1\nX-Telegram-Bot-Api-Secret-Token: s\n\(json)",
            #"{"update_id":10000,"message":{"message_id":1365,"text":"/start"}}"#
        ),
        Sample(
            "SNS",
            "Notification My First Message",
            id: "22b80b92",
            signed: .sns,
            """
            POST /sns HTTP/1.1
            x-amz-sns-message-type: Notification
            x-amz-sns-message-id: 22b80b92
            Content-Type: text/plain; charset=UTF-8
            User-Agent: Amazon Simple Notification Service Agent
            """,
            #"{"Type":"Notification","MessageId":"22b80b92","Subject":"My First Message","Message":"Hello world!"}"#
        ),
        Sample(
            "Svix",
            "user.created",
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            signed: .svix,
            """
            POST /svix HTTP/1.1
            svix-id: msg_p5jXN8AQM9LWM0D4loKWxJek
            svix-timestamp: 1614265330
            svix-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=
            Content-Type: application/json
            User-Agent: Svix-Webhooks/1.24
            """,
            #"{"data":{"id":"user_29w83"},"object":"event","type":"user.created"}"#
        ),
        Sample(
            "Standard Webhooks",
            "user.updated",
            id: "msg_2",
            signed: .standardWebhooks,
            "POST / HTTP/1.1\nwebhook-id: msg_2\nwebhook-timestamp: 1\nwebhook-signature: v1,a\n\(json)",
            #"{"type":"user.updated","timestamp":"2022-11-03T20:26:10.344522Z","data":{}}"#
        ),
        Sample(
            "CloudEvents",
            "com.example.order.created",
            id: "A234-1234-1234",
            "POST / HTTP/1.1\nce-specversion: 1.0\nce-type: com.example.order.created\nce-id: A234-1234-1234\n\(json)",
            #"{"order":1}"#
        ),
        Sample(
            "CloudEvents",
            "com.example.someevent",
            id: "B1",
            "POST / HTTP/1.1\nContent-Type: application/cloudevents+json; charset=UTF-8",
            #"{"specversion":"1.0","type":"com.example.someevent","source":"/mycontext","id":"B1","data":{}}"#
        ),
        Sample(
            "gRPC-Web",
            "Greeter/SayHello",
            "POST /helloworld.Greeter/SayHello HTTP/1.1\nContent-Type: application/grpc-web+proto"
        ),
        Sample(
            "JSON-RPC",
            "subtract",
            "POST /rpc HTTP/1.1\n\(json)",
            #"{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}"#
        ),
        Sample(
            "JSON-RPC",
            "sum …",
            "POST /rpc HTTP/1.1\n\(json)",
            #"[{"jsonrpc":"2.0","method":"sum","id":1},{"jsonrpc":"2.0","method":"notify"}]"#
        ),
        Sample(
            "GraphQL",
            "GetUser",
            "POST /graphql HTTP/1.1\n\(json)",
            #"{"query":"query GetUser($id: ID!) { user(id: $id) { name } }","operationName":"GetUser","variables":{"id":1}}"#
        ),
        Sample(
            "GraphQL",
            "query",
            "POST /graphql HTTP/1.1\n\(json)",
            #"{"query":"{ me { name } }","variables":null}"#
        ),
        // Not a provider: who says that it is nobody special.
        Sample(
            "Firefox",
            nil,
            "GET / HTTP/1.1\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
        ),
        Sample(
            "Edge",
            nil,
            "GET / HTTP/1.1\nUser-Agent: Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/125.0 Safari/537.36 Edg/125.0"
        ),
        Sample("curl", nil, "GET / HTTP/1.1\nUser-Agent: curl/8.5.0"),
        Sample(nil, nil, "GET / HTTP/1.1\nAccept: */*"),
        Sample("shop", nil, "POST / HTTP/1.1\nUser-Agent: shop/1\n\(json)", #"{"type":"order","query":"x"}"#),
    ]

    @Test(arguments: samples) func saysWhoAndWhat(sample: Sample) {
        let delivery = sample.delivery
        #expect(delivery.sender == sample.sender)
        #expect(delivery.event == sample.event)
        #expect(delivery.id == sample.id)
        #expect(delivery.signature == sample.signature)
    }

    /// What was captured may be only the beginning of the body.
    @Test func theBeginningOfABodyIsEnough() {
        let body = #"{"id":"evt_1","type":"charge.refunded","data":{"object":{"description":"a very long"#
        let delivery = Sample(nil, nil, "POST / HTTP/1.1\nStripe-Signature: t=1\n\(Self.json)", body).delivery
        #expect(delivery.event == "charge.refunded" && delivery.id == "evt_1")
    }

    /// A path or an event with escape sequences must not reach a terminal.
    @Test func controlCharactersAreMadeVisible() {
        let body = #"{"type":"a\u001b[2Jb\u202e","id":"\u0007"}"#
        let delivery = Sample(nil, nil, "POST / HTTP/1.1\nStripe-Signature: t=1\n\(Self.json)", body).delivery
        #expect(delivery.event == #"a\x1b[2Jb\u{202e}"# && delivery.id == #"\x07"#)
    }

    /// Anything may come from the network: nothing traps, and what is found is bounded.
    @Test func anythingMayCome() async {
        let counterexample = await counterexample(of: "deliveries", rounds: 3000) { random in
            let sample = random.pick(Self.samples)
            var body = Array(sample.body.utf8)
            for _ in 0..<random.roll(4) { body = random.mutate(body) }
            let head = random.mutate(Array("\(sample.head.replacing("\n", with: "\r\n"))\r\n\r\n".utf8))
            let delivery = Delivery(head: head, body: body)
            for text in [delivery.sender, delivery.event, delivery.id].compactMap({ $0 }) {
                try require(text.utf8.count < 5000, text)
            }
        }
        #expect(counterexample == nil)
    }

    @Test func deepJSONIsNotEntered() {
        let text = Array((String(repeating: "[", count: 100_000)).utf8)
        #expect(JSONFields(text, wanted: ["0.0"])["0.0"] == "")
    }
}
