/// What the server's log says where the way out is an option, which only the program around the server knows.
package protocol ServerWording: Sendable {
    /// The client with this address sent X-Forwarded-For, and is no trusted proxy.
    func forwardedForIsIgnored(of client: String) -> String
    /// The client with this address has so many connections open, and another one was closed.
    func connectionClosed(of client: String, open: Int) -> String
}

/// Without a way out.
package struct PlainServerWording: ServerWording {
    package init() {}

    package func forwardedForIsIgnored(of client: String) -> String {
        "X-Forwarded-For from \(client) is not believed: it is no trusted proxy"
    }

    package func connectionClosed(of client: String, open: Int) -> String {
        "closed a new connection of \(client): it has \(open) open"
    }
}
