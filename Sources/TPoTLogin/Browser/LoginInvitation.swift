import TPoTWire

/// Where the user has to log in.
package struct LoginInvitation: Hashable, Sendable {
    package let server: ServerAddress
    package let issuer: String
    /// The page to open in a browser.
    package let url: String
    /// To which the browser comes back on the loopback.
    package let port: Int
}
