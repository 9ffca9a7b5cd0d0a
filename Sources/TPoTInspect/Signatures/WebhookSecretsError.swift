/// Why secrets of webhooks cannot be used. It never contains a secret, nor anything that may be one.
package struct WebhookSecretsError: Error, Hashable, Sendable {
    /// Where it was found: `/home/me/secrets.json, line 3`, or the name of a variable.
    package var place: String
    /// What is wrong there, and what to write instead.
    package var reason: String

    package var text: String { "\(place): \(reason)" }
}
