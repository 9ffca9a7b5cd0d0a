/// Who sent a request, and what it says: `Stripe`, `invoice.paid`. ``CaptureStore`` is given a closure that recognises it.
///
/// All of it is what the sender says. Anyone can write it; only a signature proves it.
package struct Delivery: Hashable, Sendable {
    /// `Stripe`, `GitHub`, `Firefox`; nil where the request does not say.
    package var sender: String?
    /// What happened, or what is asked for: `invoice.paid`, `pull_request opened #17`.
    package var event: String?
    /// The sender's own name for this delivery. It has the same when it is sent again.
    package var id: String?
    /// How the sender signs; nil where it does not, or is not a provider of webhooks.
    package var signature: SignatureScheme?

    package init(
        sender: String? = nil,
        event: String? = nil,
        id: String? = nil,
        signature: SignatureScheme? = nil
    ) {
        self.sender = sender
        self.event = event
        self.id = id
        self.signature = signature
    }
}

/// How a provider of webhooks signs what it sends.
package enum SignatureScheme: String, CaseIterable, Sendable {
    case stripe, gitHub, gitLab, shopify, slack, twilio, sendGrid, mailgun, discord, linear, paddle, standardWebhooks,
        svix
    case telegram, sns
}
