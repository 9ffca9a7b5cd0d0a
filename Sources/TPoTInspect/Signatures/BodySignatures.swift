import TPoTCapture
import TPoTWire

/// A signature of Mailgun, which is in the body and covers nothing else of it: hexadecimal, over time and token. See
/// documentation.mailgun.com, Securing Webhooks.
struct MailgunSignature {
    static let place = "signature.signature"
    /// Mailgun adds this for events of a subaccount, made with the key of the account.
    static let parentPlace = "signature.parent-signature"
    static let timePlace = "signature.timestamp"
    static let tokenPlace = "signature.token"

    let body: [UInt8]
    let json: JSONFields

    init(_ request: WebhookRequest) throws(SignatureFault) {
        body = try request.body()
        json = JSONFields(body, wanted: [Self.place, Self.parentPlace, Self.timePlace, Self.tokenPlace], limit: .max)
    }

    func claim() throws(SignatureFault) -> SignatureClaim {
        let signature = try value(Self.place)
        guard let proof = SignatureText.hex(.hmacSHA256, signature.utf8, bytes: 32) else {
            throw SignatureFault(.malformed(Self.place))
        }
        let parent = json[Self.parentPlace].flatMap { SignatureText.hex(.hmacSHA256, $0.utf8, bytes: 32) }
        let time = try value(Self.timePlace)
        guard let seconds = SignatureText.seconds(time.utf8) else { throw SignatureFault(.malformed(Self.timePlace)) }
        // The documentation leaves it to the receiver how old a signature may be, because deliveries can be late.
        return SignatureClaim(
            [proof] + (parent.map { [$0] } ?? []),
            over: [.init(time + (try value(Self.tokenPlace)))],
            milliseconds: seconds.milliseconds
        )
    }

    func value(_ place: String) throws(SignatureFault) -> String {
        guard let value = json[place], !value.isEmpty else { throw SignatureFault(.missing(place)) }
        return value
    }
}

/// A signature of Linear: hexadecimal over the body, which holds the time in milliseconds. See
/// linear.app/developers/webhooks.
struct LinearSignature {
    static let name = "Linear-Signature"
    static let timeName = "Linear-Timestamp"
    static let timePlace = "webhookTimestamp"

    let request: WebhookRequest

    init(_ request: WebhookRequest) { self.request = request }

    static func json(_ body: [UInt8]) -> JSONFields { JSONFields(body, wanted: [timePlace], limit: .max) }

    func claim() throws(SignatureFault) -> SignatureClaim {
        guard let proof = SignatureText.hex(.hmacSHA256, try request.value(Self.name), bytes: 32) else {
            throw SignatureFault(.malformed(Self.name))
        }
        let body = try request.body()
        var text = Self.json(body)[Self.timePlace].map { Array($0.utf8) }
        if text == nil, request.has(Self.timeName.lowercased()) { text = try request.value(Self.timeName) }
        var milliseconds: Int64?
        if let text {
            guard let number = SignatureText.number(text) else { throw SignatureFault(.malformed(Self.timePlace)) }
            milliseconds = number
        }
        return SignatureClaim(
            [proof],
            over: [.init("", body)],
            milliseconds: milliseconds,
            tolerance: .init(past: 60, future: 60)
        )
    }
}

extension [UInt8] {
    /// With other bytes at some ranges, which do not overlap.
    func replacing(_ replacements: [(range: Range<Int>, text: String)]) -> [UInt8] {
        var result = self
        for (range, text) in replacements.sorted(by: { $0.range.lowerBound > $1.range.lowerBound }) {
            result.replaceSubrange(range, with: Array(text.utf8))
        }
        return result
    }
}
