import TPoTWire

/// Which requests a hold by filter makes wait.
package struct HoldFilter: Sendable {
    /// As the user typed it.
    package let text: String
    /// Decides on the head of a request, on the tunnel's event loop: it must be quick.
    package let matches: @Sendable (HTTPRequestHead, RemoteAddress) -> Bool

    package init(_ text: String, matches: @escaping @Sendable (HTTPRequestHead, RemoteAddress) -> Bool) {
        self.text = text
        self.matches = matches
    }
}
