import TPoTWire

/// The secret that gives the client its name back (extension `lease`). It is kept in memory only. A client has one
/// server and follows no redirects, so the secret goes nowhere else.
struct HeldLease: Sendable {
    private(set) var secret: LeaseSecret?

    /// Records the lease that a 101 grants.
    ///
    /// - Returns: false if the 101 breaks the agreement: a lease without a secret, or a secret without a lease.
    mutating func granted(_ headers: [String], agreed: TunnelExtensions) -> Bool {
        guard agreed.contains(.lease) else {
            secret = nil
            return headers.isEmpty
        }
        guard let given = LeaseSecret(headers: headers) else { return false }
        secret = given
        return true
    }

    /// Records a refusal. A secret that failed once will fail again, and the server counts each further use as a guess.
    mutating func refused(_ failure: ConnectFailure) {
        switch failure {
        case .subdomainTaken, .subdomainKept: secret = nil
        default: break
        }
    }
}
