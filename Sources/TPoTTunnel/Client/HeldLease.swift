import TPoTWire

/// The secret that gives the client its name back (extension `lease`). In memory only; a client has one server and does not
/// follow redirects, so the secret goes nowhere else.
struct HeldLease: Sendable {
    private(set) var secret: LeaseSecret?

    /// Takes note of what a 101 says.
    ///
    /// - Returns: false where it breaks the agreement: a lease without a secret, or a secret without a lease.
    mutating func granted(_ headers: [String], agreed: TunnelExtensions) -> Bool {
        guard agreed.contains(.lease) else {
            secret = nil
            return headers.isEmpty
        }
        guard let given = LeaseSecret(headers: headers) else { return false }
        secret = given
        return true
    }

    /// Takes note of a refusal. A secret that did not give the name back never will, and each further use counts as a guess.
    mutating func refused(_ failure: ConnectFailure) {
        switch failure {
        case .subdomainTaken, .subdomainKept: secret = nil
        default: break
        }
    }
}
