import TPoTWire

/// An `https` URL with a path and an optional query, as the endpoints of an identity provider have.
package struct WebAddress: Hashable, Sendable {
    /// The URL as it was given.
    package let text: String
    package let server: ServerAddress
    /// Path and query as in a request line; at least `/`.
    package let target: String

    /// Nil for another scheme, a user name, a fragment, or a character that is not allowed in a URL. An endpoint's URL
    /// comes from the network, and becomes a request line and a program's argument.
    package init?(_ text: String) {
        let scheme = "https://"
        guard text.utf8.count <= Self.maximumLength, text.lowercased().hasPrefix(scheme),
            text.utf8.allSatisfy({ (0x21...0x7e).contains($0) && !"\"#<>\\^`{|}".utf8.contains($0) })
        else { return nil }
        let end = text.dropFirst(scheme.count).firstIndex { $0 == "/" || $0 == "?" } ?? text.endIndex
        guard let server = try? ServerAddress(String(text[..<end])) else { return nil }
        self.text = text
        self.server = server
        let rest = String(text[end...])
        target = rest.hasPrefix("/") ? rest : "/\(rest)"
    }

    /// The longest URL, in bytes.
    package static let maximumLength = 2048
}
