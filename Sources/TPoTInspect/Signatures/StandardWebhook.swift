import TPoTCapture
import TPoTWire

/// A signature of Standard Webhooks: `v1,… v1a,…`, base64, over `id.time.body`. See
/// github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
///
/// Svix has the same with names of its own, and may send both.
struct StandardWebhook {
    let request: WebhookRequest
    /// `webhook-` or `svix-`.
    let prefix: String

    init(_ request: WebhookRequest, _ scheme: SignatureScheme) {
        self.request = request
        let isBranded = scheme == .svix && (request.has("svix-signature") || !request.has("webhook-signature"))
        prefix = isBranded ? "svix-" : "webhook-"
    }

    func claim() throws(SignatureFault) -> SignatureClaim {
        let name = "\(prefix)signature"
        let versions = try request.value(name).split(separator: 0x20, maxSplits: SignatureClaim.proofLimit)
        let proofs: [SignatureClaim.Proof] = versions.prefix(SignatureClaim.proofLimit).compactMap { item in
            let version = item.prefix { $0 != UInt8(ascii: ",") }
            let text = item.dropFirst(version.count + 1)
            return switch String(decoding: version, as: UTF8.self) {
            case "v1": SignatureText.base64(.hmacSHA256, text)
            case "v1a": SignatureText.base64(.ed25519, text)
            default: nil
            }
        }
        guard !proofs.isEmpty else { throw SignatureFault(.malformed(name)) }
        let id = try request.value("\(prefix)id")
        let time = try SignatureScheme.seconds(request, "\(prefix)timestamp")
        return SignatureClaim(
            proofs,
            over: [try message(id: id, time: time.text)],
            milliseconds: time.milliseconds,
            tolerance: .fiveMinutes
        )
    }

    func message(id: [UInt8], time: String) throws(SignatureFault) -> SignatureClaim.Message {
        .init(bytes: id + Array(".\(time).".utf8) + (try request.body()))
    }

    /// Both sets of names are replaced where both are there.
    var prefixes: [String] {
        ["webhook-", "svix-"].filter { $0 == prefix || request.has("\($0)signature") }
    }
}
