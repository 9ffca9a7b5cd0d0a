import NIOCore
import TPoTNetwork
import TPoTWire

/// What a ``TunnelClient`` needs to know.
package struct TunnelClientConfiguration: Sendable {
    package var server: ServerAddress
    package var serverTrust = CertificateTrust.system
    /// The HTTP proxy through which the server is reached, with CONNECT.
    package var proxy: HTTPProxy?
    package var authKey: String?
    /// Asked for `Authorization` where there is no key, and after a 401 in any case.
    package var authorizer: (any TunnelAuthorizer)?
    /// The name to ask for; nil for one drawn at random.
    package var subdomain: Subdomain?
    package var target: TargetAddress
    package var targetTrust = CertificateTrust.system
    package var hostRewrite = HostRewrite.target
    /// Whether X-Forwarded-For, -Proto and -Host are added to requests that have none.
    package var forwardedHeaders = false
    /// Whether to connect again after the tunnel was lost.
    package var reconnects = true
    /// Whether to keep trying when the first connection fails.
    package var waitsForServer = false
    /// From the TCP connection to the answer to the upgrade.
    package var handshakeTimeout = TimeAmount.seconds(15)
    /// What the server is offered beyond the protocol.
    package var extensions = TunnelExtensions.ours

    /// The language of what is published of failures.
    package var wording: any FailureWording

    package init(server: ServerAddress, target: TargetAddress, wording: any FailureWording) {
        self.server = server
        self.target = target
        self.wording = wording
    }
}
