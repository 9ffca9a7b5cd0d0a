import NIOCore
import TPoTNetwork
import TPoTWire

/// The configuration of a ``TunnelClient``.
package struct TunnelClientConfiguration: Sendable {
    package var server: ServerAddress
    package var serverTrust = CertificateTrust.system
    /// The HTTP proxy through which the server is reached, with CONNECT.
    package var proxy: HTTPProxy?
    package var authKey: String?
    /// Asked for `Authorization` if there is no key, and always after a 401.
    package var authorizer: (any TunnelAuthorizer)?
    /// The name to ask for; nil to draw one at random.
    package var subdomain: Subdomain?
    package var target: TargetAddress
    package var targetTrust = CertificateTrust.system
    package var hostRewrite = HostRewrite.target
    /// Whether X-Forwarded-For, -Proto and -Host are added to requests that have none.
    package var addsForwardedHeaders = false
    /// Whether to connect again after the tunnel was lost.
    package var reconnects = true
    /// Whether to keep trying when the first connection fails.
    package var waitsForServer = false
    /// The limit for each wait between the TCP connection and the answer to the upgrade.
    package var handshakeTimeout = TimeAmount.seconds(15)
    /// The extensions of the protocol that are offered to the server.
    package var extensions = TunnelExtensions.ours

    /// Words the failures that are published.
    package var wording: any FailureWording

    package init(server: ServerAddress, target: TargetAddress, wording: any FailureWording) {
        self.server = server
        self.target = target
        self.wording = wording
    }
}
