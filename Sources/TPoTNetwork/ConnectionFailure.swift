/// What a connection is to, as a sentence about its failure names it.
package enum ConnectionPeer: Hashable, Sendable {
    /// The server that was asked for.
    case server
    /// With its address, `host:port`.
    case proxy(String)
    /// An identity provider, with its address.
    case provider(String)
}

/// Why there is no connection, or none that lived until the answer.
package enum ConnectionFailure: Error, Hashable, Sendable {
    /// Name, network, TLS, or no answer.
    case unreachable(ConnectionPeer, NetworkCause)
    /// The proxy with this address did not connect us, with the reason of its answer.
    case refusedByProxy(String, status: Int, String)
    /// There is nothing to check certificates with.
    case noTrust(TrustFailure)

    /// - Parameter peer: the one to name where `error` is of no kind that says so itself.
    package init(_ error: any Error, peer: ConnectionPeer) {
        self = (error as? ConnectionFailure) ?? .unreachable(peer, NetworkCause(error))
    }
}
