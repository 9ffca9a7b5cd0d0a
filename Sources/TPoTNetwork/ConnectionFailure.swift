/// The peer of a connection, as named in the sentence about its failure.
package enum ConnectionPeer: Hashable, Sendable {
    /// The server that was asked for.
    case server
    /// An HTTP proxy, with its address `host:port`.
    case proxy(String)
    /// An identity provider, with its address.
    case provider(String)
}

/// Why a connection was not made, or did not last until the answer.
package enum ConnectionFailure: Error, Hashable, Sendable {
    /// The cause is the name, the network, TLS, or a missing answer.
    case unreachable(ConnectionPeer, NetworkCause)
    /// The proxy with this address refused to connect us. The text is the reason phrase of its answer.
    case refusedByProxy(String, status: Int, String)
    /// There are no authorities to check certificates with.
    case noTrust(TrustFailure)

    /// - Parameter peer: the peer to name if `error` does not name one itself.
    package init(_ error: any Error, peer: ConnectionPeer) {
        self = (error as? ConnectionFailure) ?? .unreachable(peer, NetworkCause(error))
    }
}
