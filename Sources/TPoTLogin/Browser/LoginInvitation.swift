import TPoTWire

/// Shows the user where to log in.
package struct LoginInvitation: Hashable, Sendable {
    package let server: ServerAddress
    package let issuer: String
    /// The page to open in a browser.
    package let url: String
    /// The port on the loopback to which the browser comes back.
    package let port: Int
}
