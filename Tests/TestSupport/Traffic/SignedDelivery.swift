import TPoTCapture
import TPoTInspect
import TPoTTraffic

/// A delivery of Stripe that Python's `hmac` signed with `whsec_test`. The clock of tests starts at ``time``.
package struct SignedDelivery: Hashable, Sendable {
    /// Unix time.
    package static let time: Int64 = 1_795_435_200

    package var signature: String?
    package var body: String

    private init(_ number: Int, _ event: String = "invoice.paid", signature: String?) {
        self.signature = signature.map { "Stripe-Signature: \($0)" }
        body = #"{"id":"evt_\#(number)","type":"\#(event)","data":{"amount":1999,"currency":"eur","paid":true}}"#
    }

    private init(_ number: Int, _ event: String = "invoice.paid", after seconds: Int64 = 0, code: String) {
        self.init(number, event, signature: "t=\(Self.time + seconds),v1=\(code)")
    }

    package static let valid = SignedDelivery(
        1,
        code: "6cc3a9b1eea0cdc3341dcde84ff1c7fb0ebf4534642877db651ae57b702c881b"
    )
    /// With another secret.
    package static let wrong = SignedDelivery(
        2,
        code: "ac913a15a59d4751cc34bdf34d8483e09717ab5dc727366cf45f3cbb2e9c8e14"
    )
    /// Signed 15 minutes before.
    package static let old = SignedDelivery(
        3,
        after: -900,
        code: "206d4839055f792a307ce6862840641daf4d00908dd79de0037b09776f184348"
    )
    package static let failed = SignedDelivery(
        6,
        "invoice.payment_failed",
        code: "38bb0d59fdcd6a68141475fe91e9384ef0625b0eff8dc4c6c7eac7e4e3144ee5"
    )
    /// The same, signed four seconds later.
    package static let failedAgain = SignedDelivery(
        6,
        "invoice.payment_failed",
        after: 4,
        code: "8ea52e940fb3d1ead42dd426a7fbaa330e46838f76b12b63a7a57ae60c3883a7"
    )
    package static let unsigned = SignedDelivery(4, signature: nil)
    package static let malformed = SignedDelivery(5, signature: "v1=x")

    package func with(body: String) -> SignedDelivery {
        var delivery = self
        delivery.body = body
        return delivery
    }

    package static var secrets: WebhookSecrets {
        get throws {
            var secrets = WebhookSecrets()
            try secrets.add(lines: "whsec_test", of: .stripe, place: "test")
            return secrets
        }
    }
}

extension Transcript {
    /// A whole conversation with a delivery.
    package mutating func deliver(_ delivery: SignedDelivery, replayOf original: UInt64? = nil, status: Int = 200) {
        if let original { add(.opened(.replay(of: original))) } else { open() }
        add(.targetConnected)
        let fields =
            ["POST /webhooks/stripe HTTP/1.1", "Host: a", "User-Agent: Stripe/1.0", delivery.signature]
            .compactMap(\.self) + ["Content-Length: \(delivery.body.utf8.count)"]
        request(fields.joined(separator: "\r\n"), body: delivery.body)
        answer(status)
        add(.closed(.targetClosed(complete: true)))
        conversation += 1
    }
}
