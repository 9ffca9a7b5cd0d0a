import TPoTCapture

/// Webhooks as their senders' documentation shows them. The same round makes the same delivery. They are signed when they
/// are sent.
enum DemoDeliveries {
    // MARK: Stripe

    static func customerCreated(_ round: Int) -> DemoVisit {
        stripe(
            "customer.created",
            round,
            """
            {
                  "id": "\(DemoIdentifier.text("cus_", round, count: 14))",
                  "object": "customer",
                  "balance": 0,
                  "created": \(1_764_230_000 + round),
                  "currency": "eur",
                  "email": "ada@example.com",
                  "name": "Ada Ltd",
                  "preferred_locales": ["en", "de"]
                }
            """
        )
    }

    static func invoicePaid(_ round: Int) -> DemoVisit {
        stripe("invoice.paid", 100 + round, invoice(100 + round, amountDue: "4800", status: "paid"))
    }

    /// - Parameter amountDue: JSON. The shop cannot handle null.
    static func paymentFailed(_ round: Int, amountDue: String = "null") -> DemoVisit {
        stripe("invoice.payment_failed", 200 + round, invoice(200 + round, amountDue: amountDue, status: "open"))
    }

    /// Somebody who knows the URL and not the secret says that an invoice is paid.
    static func forged(_ round: Int) -> DemoVisit {
        var visit = stripe("invoice.paid", 900 + round, invoice(900 + round, amountDue: "4800", status: "paid"))
        visit.requests[0].fields = [
            ("User-Agent", "python-requests/2.32.5"), ("Accept", "*/*"), ("Content-Type", "application/json"),
        ]
        visit.requests[0].secrets = DemoSecrets.guessed
        return visit
    }

    private static func signed(_ scheme: SignatureScheme, _ request: DemoRequest) -> DemoVisit {
        var request = request
        request.signature = scheme
        return DemoVisit(request)
    }

    private static func invoice(_ number: Int, amountDue: String, status: String) -> String {
        """
        {
              "id": "\(DemoIdentifier.text("in_1SY", number))",
              "object": "invoice",
              "amount_due": \(amountDue),
              "attempt_count": 1,
              "billing_reason": "subscription_cycle",
              "collection_method": "charge_automatically",
              "currency": "eur",
              "customer": "\(DemoIdentifier.text("cus_", 0, count: 14))",
              "customer_email": "ada@example.com",
              "customer_name": "Ada Ltd",
              "lines": {
                "object": "list",
                "data": [
                  {
                    "id": "\(DemoIdentifier.text("il_1SY", number))",
                    "description": "4 \\u00d7 Oolong, 100 g (at \\u20ac12.00 / month)",
                    "quantity": 4
                  }
                ]
              },
              "number": "TEA-\(4000 + number)",
              "status": "\(status)"
            }
        """
    }

    private static func stripe(_ type: String, _ number: Int, _ object: String) -> DemoVisit {
        signed(
            .stripe,
            DemoRequest(
                post: "/webhooks/stripe",
                [
                    ("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)"),
                    ("Accept", "*/*; q=0.5, application/xml"),
                    ("Cache-Control", "no-cache"), ("Content-Type", "application/json; charset=utf-8"),
                ],
                """
                {
                  "id": "\(DemoIdentifier.text("evt_1SY", number))",
                  "object": "event",
                  "api_version": "2025-10-29.clover",
                  "created": \(1_764_230_000 + number),
                  "data": {
                    "object": \(object)
                  },
                  "livemode": false,
                  "pending_webhooks": 1,
                  "request": {
                    "id": null,
                    "idempotency_key": null
                  },
                  "type": "\(type)"
                }
                """
            )
        )
    }

    // MARK: GitHub

    static func push(_ round: Int) -> DemoVisit {
        gitHub(
            "push",
            round,
            #"{"ref":"refs/heads/main","before":"6113728f27ae82c7b1a177c8d03f9e96e0adf246","#
                + #""commits":[{"message":"Oolong is back","added":["teas/oolong.md"],"modified":["README.md"]}],"#
        )
    }

    static func pullRequest(_ round: Int) -> DemoVisit {
        gitHub(
            "pull_request",
            100 + round,
            #"{"action":"opened","number":\#(17 + round),"pull_request":{"title":"Show amounts of failed payments","#
                + #""state":"open","draft":false,"head":{"ref":"amounts"},"base":{"ref":"main"},"additions":12},"#
        )
    }

    static func issueComment(_ round: Int) -> DemoVisit {
        gitHub(
            "issue_comment",
            200 + round,
            #"{"action":"created","issue":{"number":\#(16 + round),"title":"amount_due is null sometimes"},"#
                + #""comment":{"body":"Seen again today, \#(round + 2) times."},"#
        )
    }

    private static func gitHub(_ event: String, _ number: Int, _ beginning: String) -> DemoVisit {
        signed(
            .gitHub,
            DemoRequest(
                post: "/webhooks/github",
                [
                    ("User-Agent", "GitHub-Hookshot/7b6ea3f"), ("Accept", "*/*"),
                    ("X-GitHub-Delivery", DemoIdentifier.uuid(1000 + number)), ("X-GitHub-Event", event),
                    ("X-GitHub-Hook-ID", "512047183"), ("X-GitHub-Hook-Installation-Target-Type", "repository"),
                    ("Content-Type", "application/json"),
                ],
                beginning + #""repository":{"id":186853002,"full_name":"ada-ltd/shop","private":true},"#
                    + #""sender":{"login":"ada","id":21031067,"type":"User"}}"#
            )
        )
    }

    // MARK: Shopify

    static func orderCreated(_ round: Int) -> DemoVisit {
        signed(
            .shopify,
            DemoRequest(
                post: "/webhooks/shopify",
                [
                    ("User-Agent", "Shopify-Captain-Hook"), ("Accept", "*/*"), ("Content-Type", "application/json"),
                    ("X-Shopify-API-Version", "2025-10"), ("X-Shopify-Shop-Domain", "ada-teas.myshopify.com"),
                    ("X-Shopify-Topic", "orders/create"), ("X-Shopify-Webhook-Id", DemoIdentifier.uuid(2000 + round)),
                ],
                #"{"id":\#(820_982_911_946_154 + round),"order_number":\#(1001 + round),"currency":"EUR","#
                    + #""total_price":"48.00","financial_status":"pending","customer":{"first_name":"Zo\u00eb","#
                    + #""last_name":"Bront\u00eb"},"note":"gift \u2013 please no prices","#
                    + #""line_items":[{"title":"Teapot \u201eNagano\u201c","quantity":1,"price":"48.00"}]}"#
            )
        )
    }

    // MARK: Slack

    static func mention(_ round: Int) -> DemoVisit {
        signed(
            .slack,
            DemoRequest(
                post: "/slack/events",
                slack("application/json"),
                #"{"token":"invented","team_id":"T0ADA","api_app_id":"A0SHOP","event":{"type":"app_mention","#
                    + #""user":"U0ADA","text":"<@U0SHOP> how many teapots are left?","channel":"C0TEA","#
                    + #""ts":"\#(1_764_230_100 + round).000200"},"type":"event_callback","#
                    + #""event_id":"\#(DemoIdentifier.text("Ev0", round, count: 8))"}"#
            )
        )
    }

    static func command(_ round: Int) -> DemoVisit {
        signed(
            .slack,
            DemoRequest(
                post: "/slack/commands",
                slack("application/x-www-form-urlencoded"),
                "token=invented&team_id=T0ADA&team_domain=ada-teas&channel_id=C0TEA&channel_name=tea&user_id=U0ADA"
                    + "&user_name=ada&command=%2Frestock&text=oolong+12+packets&api_app_id=A0SHOP"
                    + "&trigger_id=\(1_334_522_460 + round).738474920.8088930838d88f00"
            )
        )
    }

    private static func slack(_ type: String) -> [(name: String, value: String)] {
        [
            ("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)"), ("Accept", "*/*"),
            ("Accept-Encoding", "gzip,deflate"), ("Content-Type", type),
        ]
    }
}
