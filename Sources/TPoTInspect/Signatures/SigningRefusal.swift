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
