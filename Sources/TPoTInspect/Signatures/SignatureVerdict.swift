/// What a check of a webhook's signature found.
package enum SignatureVerdict: Hashable, Sendable {
    case valid
    /// The request has no signature, or not all that belongs to it. The name is that of a header or of a place in the body.
    case missing(String)
    /// The header or place of that name is not what the provider sends.
    case malformed(String)
    /// The signature is right, and was made longer ago than the provider's own library allows.
    case tooOld(seconds: Int64, allowed: Int64)
    /// The signature is right, and its time is further ahead than the provider's own library allows.
    case inFuture(seconds: Int64, allowed: Int64)
    /// It was made with another secret, or the request was changed on its way.
    case mismatch
    /// The request was edited here, and the signature is that of the original.
    case editedHere
    /// No secret is known for this provider, so nothing was checked.
    case noSecret
    case cannotTell(Reason)

    package enum Reason: Hashable, Sendable {
        /// Not all of the body was captured.
        case partOfBody
        /// The signature is over the public URL, and that is not known.
        case unknownURL
        /// Checking this provider's signatures needs more than a secret.
        case unsupported
    }
}

/// Why a request cannot be signed anew.
package enum SigningRefusal: Error, Hashable, Sendable {
    /// No secret is known for this provider.
    case noSecret
    /// Only the provider has the key: what is known here is a public key.
    case onlyProviderSigns
    case partOfBody
    /// The signature is over the public URL, and that is not known.
    case unknownURL
    /// This header or place in the body is needed for a signature, and is not there.
    case missing(String)
}
