/// Log messages of the server whose remedy is an option that only the surrounding program knows.
package protocol ServerWording: Sendable {
    /// The client with this address sent X-Forwarded-For and is not a trusted proxy.
    func forwardedForIsIgnored(of client: String) -> String
    /// The client with this address has `open` connections open, and another one was closed.
    func connectionClosed(of client: String, open: Int) -> String
}

/// Messages that name no remedy.
package struct PlainServerWording: ServerWording {
    package init() {}

    package func forwardedForIsIgnored(of client: String) -> String {
        "X-Forwarded-For from \(client) is not believed: it is no trusted proxy"
    }

    package func connectionClosed(of client: String, open: Int) -> String {
        "closed a new connection of \(client): it has \(open) open"
    }
}
