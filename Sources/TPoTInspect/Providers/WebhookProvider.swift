import TPoTCapture
import TPoTWire

/// One who sends webhooks, or a form of request that says what it asks for: how to recognise it, and where its event and its
/// delivery id stand. The table is in ``WebhookProvider/all``.
struct WebhookProvider: Sendable {
    /// Part of a request.
    indirect enum Source: Sendable {
        case header(String)
        /// A place of the JSON body: see ``JSONFields``.
        case json(String)
        /// A field of a form.
        case form(String)
        /// A place of the JSON in a field of a form.
        case jsonInForm(String, String)
        /// The last part of the path: `/pkg.Service/Method` is `Service/Method`.
        case method
        case text(String)
        /// All of them that are there, with blanks between; nil where the first is not.
        case words([Source])
        /// With something in front.
        case prefixed(String, Source)
        /// Only where the other one is there.
        case when(Source, Source)
        /// The name of the first member of the JSON body that is none of these.
        case firstName(except: Set<String>)

        func text(_ request: RecognizableRequest) -> String? {
            switch self {
            case .header(let name): request.header(name).map { VisibleText.text($0) }
            case .json(let place): request.isJSON ? Self.shown(request.json[place]) : nil
            case .form(let name): request.isForm ? Self.shown(request.form[name]) : nil
            case .jsonInForm(let name, let place):
                request.isForm
                    ? request.form[name].flatMap { Self.shown(JSONFields(Array($0.utf8), wanted: [place])[place]) }
                    : nil
            case .method: Self.shown(Self.method(request.path))
            case .text(let text): text
            case .words(let sources):
                sources.first?.text(request).map { first in
                    ([first] + sources.dropFirst().compactMap { $0.text(request) }).joined(separator: " ")
                }
            case .prefixed(let prefix, let source): source.text(request).map { prefix + $0 }
            case .when(let condition, let source): condition.text(request) == nil ? nil : source.text(request)
            case .firstName(let others):
                request.isJSON ? Self.shown(request.json.names.first { !others.contains($0) }) : nil
            }
        }

        private static func method(_ path: String) -> String? {
            let parts = path.split(separator: "/")
            guard parts.count >= 2, let method = parts.last,
                let service = parts.dropLast().last?.split(separator: ".").last
            else { return nil }
            return "\(service)/\(method)"
        }

        /// Fit for one cell of a list; nil where there is nothing to show.
        private static func shown(_ text: String?) -> String? {
            guard let text, !text.isEmpty, text != "null" else { return nil }
            return VisibleText.text(String(text.prefix(120)))
        }

        fileprivate var jsonPlaces: [String] {
            switch self {
            case .json(let place): [place]
            case .words(let sources): sources.flatMap(\.jsonPlaces)
            case .prefixed(_, let source): source.jsonPlaces
            case .when(let condition, let source): condition.jsonPlaces + source.jsonPlaces
            case .header, .form, .jsonInForm, .method, .text, .firstName: []
            }
        }
    }

    /// How it is recognised: any of these is enough.
    enum Mark: Sendable {
        case header(String)
        /// The User-Agent begins with this.
        case userAgent(String)
        case mediaType(String)
        /// The JSON body has all of these places.
        case json([String])

        func isOn(_ request: RecognizableRequest) -> Bool {
            switch self {
            case .header(let name): request.header(name) != nil
            case .userAgent(let prefix): request.header("user-agent")?.hasPrefix(prefix) == true
            case .mediaType(let prefix): request.mediaType.hasPrefix(prefix)
            case .json(let places): request.isJSON && places.allSatisfy { request.json[$0] != nil }
            }
        }
    }

    let name: String
    let marks: [Mark]
    /// The first that is there says what happened.
    let event: [Source]
    /// The first that is there is the delivery's id.
    let id: [Source]
    let signature: SignatureScheme?

    init(_ name: String, _ marks: [Mark], event: [Source], id: [Source] = [], signature: SignatureScheme? = nil) {
        self.name = name
        self.marks = marks
        self.event = event
        self.id = id
        self.signature = signature
    }

    func sent(_ request: RecognizableRequest) -> Bool { marks.contains { $0.isOn(request) } }

    /// Every place of a JSON body that the table asks for.
    static let jsonPlaces: Set<String> = {
        var places: Set<String> = []
        for provider in all {
            places.formUnion((provider.event + provider.id).flatMap(\.jsonPlaces))
            for case .json(let marks) in provider.marks { places.formUnion(marks) }
        }
        return places
    }()
}

extension WebhookProvider {
    /// The first that recognises a request has it. Headers that only one provider sends come before forms that many use.
    static let all: [WebhookProvider] = [
        // docs.stripe.com/webhooks; a delivery that is sent again has the same event id.
        WebhookProvider(
            "Stripe",
            [.header("stripe-signature"), .userAgent("Stripe/")],
            event: [.json("type")],
            id: [.json("id")],
            signature: .stripe
        ),
        // docs.github.com/webhooks: a redelivery has the same X-GitHub-Delivery.
        WebhookProvider(
            "GitHub",
            [.header("x-github-event")],
            event: [
                .words([
                    .header("x-github-event"), .json("action"), .prefixed("#", .json("number")),
                    .prefixed("#", .json("issue.number")),
                ])
            ],
            id: [.header("x-github-delivery")],
            signature: .gitHub
        ),
        // docs.gitlab.com/user/project/integrations/webhooks: Idempotency-Key stays the same in retries.
        WebhookProvider(
            "GitLab",
            [.header("x-gitlab-event")],
            event: [
                .words([
                    .json("object_kind"), .json("object_attributes.action"),
                    .prefixed("!", .when(.json("object_attributes.source_branch"), .json("object_attributes.iid"))),
                ]),
                .header("x-gitlab-event"),
            ],
            id: [.header("idempotency-key"), .header("x-gitlab-event-uuid")],
            signature: .gitLab
        ),
        // shopify.dev/docs/apps/build/webhooks
        WebhookProvider(
            "Shopify",
            [.header("x-shopify-topic")],
            event: [.words([.header("x-shopify-topic"), .prefixed("#", .json("order_number"))])],
            id: [.header("x-shopify-webhook-id"), .header("x-shopify-event-id")],
            signature: .shopify
        ),
        // api.slack.com/apis/events-api, slash commands and interactivity
        WebhookProvider(
            "Slack",
            [.header("x-slack-signature"), .userAgent("Slackbot 1.0")],
            event: [
                .json("event.type"), .json("type"), .form("command"), .jsonInForm("payload", "type"),
            ],
            id: [.json("event_id"), .form("trigger_id"), .jsonInForm("payload", "trigger_id")],
            signature: .slack
        ),
        // www.twilio.com/docs/usage/webhooks
        WebhookProvider(
            "Twilio",
            [.header("x-twilio-signature"), .header("i-twilio-idempotency-token"), .userAgent("TwilioProxy/")],
            event: [
                .prefixed("message ", .form("MessageStatus")), .prefixed("message ", .form("SmsStatus")),
                .prefixed("call ", .form("CallStatus")), .json("type"), .json("0.type"),
            ],
            id: [.header("i-twilio-idempotency-token")],
            signature: .twilio
        ),
        // docs.sendgrid.com: several events in one array
        WebhookProvider(
            "SendGrid",
            [.header("x-twilio-email-event-webhook-signature"), .userAgent("SendGrid Event API")],
            event: [.json("0.event")],
            id: [.json("0.sg_event_id")],
            signature: .sendGrid
        ),
        // documentation.mailgun.com: webhooks
        WebhookProvider(
            "Mailgun",
            [.json(["signature.token", "event-data.event"])],
            event: [.json("event-data.event")],
            id: [.json("event-data.id")],
            signature: .mailgun
        ),
        // discord.com/developers/docs: interactions (type 1 is a ping, 2 a command) and webhook events
        WebhookProvider(
            "Discord",
            [.header("x-signature-ed25519")],
            event: [
                .prefixed("/", .json("data.name")), .json("data.custom_id"), .json("event.type"),
                .prefixed("interaction type ", .json("type")),
            ],
            id: [.json("id")],
            signature: .discord
        ),
        // linear.app/developers/webhooks
        WebhookProvider(
            "Linear",
            [.header("linear-event"), .header("linear-signature")],
            event: [.words([.header("linear-event"), .json("action")]), .words([.json("type"), .json("action")])],
            id: [.header("linear-delivery")],
            signature: .linear
        ),
        // developer.paddle.com/webhooks: notification_id stays the same in retries.
        WebhookProvider(
            "Paddle",
            [.header("paddle-signature")],
            event: [.json("event_type")],
            id: [.json("notification_id"), .json("event_id")],
            signature: .paddle
        ),
        // core.telegram.org/bots/api#setwebhook
        WebhookProvider(
            "Telegram",
            [.header("x-telegram-bot-api-secret-token")],
            event: [.firstName(except: ["update_id"])],
            id: [.json("update_id")],
            signature: .telegram
        ),
        // docs.aws.amazon.com/sns: HTTP and HTTPS endpoints
        WebhookProvider(
            "SNS",
            [.header("x-amz-sns-message-type")],
            event: [.words([.header("x-amz-sns-message-type"), .json("Subject")])],
            id: [.header("x-amz-sns-message-id")],
            signature: .sns
        ),
        // docs.svix.com/receiving
        WebhookProvider(
            "Svix",
            [.header("svix-signature")],
            event: [.json("type"), .json("eventType"), .json("event_type"), .json("event")],
            id: [.header("svix-id")],
            signature: .svix
        ),
        // github.com/standard-webhooks/standard-webhooks
        WebhookProvider(
            "Standard Webhooks",
            [.header("webhook-signature")],
            event: [.json("type")],
            id: [.header("webhook-id")],
            signature: .standardWebhooks
        ),
        // github.com/cloudevents/spec, HTTP binding: binary mode in headers, structured mode in the body
        WebhookProvider(
            "CloudEvents",
            [.header("ce-specversion"), .mediaType("application/cloudevents+json")],
            event: [.header("ce-type"), .json("type")],
            id: [.header("ce-id"), .json("id")]
        ),
        // github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md
        WebhookProvider("gRPC-Web", [.mediaType("application/grpc-web")], event: [.method]),
        // www.jsonrpc.org/specification; a batch is an array
        WebhookProvider(
            "JSON-RPC",
            [.json(["jsonrpc", "method"]), .json(["0.jsonrpc", "0.method"])],
            event: [.json("method"), .words([.json("0.method"), .when(.json("1.method"), .text("…"))])]
        ),
        // graphql.github.io/graphql-over-http
        WebhookProvider(
            "GraphQL",
            [.json(["query", "operationName"]), .json(["query", "variables"]), .mediaType("application/graphql")],
            event: [.json("operationName"), .text("query")]
        ),
    ]
}
