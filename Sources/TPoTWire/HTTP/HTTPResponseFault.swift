/// Why the end of an answer cannot be told for certain: another reader, such as a proxy, might see it elsewhere and take
/// what follows for the answer to somebody else's request.
package enum HTTPResponseFault: Error, Hashable, Sendable, CaseIterable {
    /// Not `HTTP/1.d SP 3DIGIT` with a status of 100 or more (RFC 9112, 4).
    case malformedStatusLine
    case headTooLarge
    /// NUL, a lone CR, or a line that is no field and that another reader might take for one that ends the body.
    case malformedHeaderField
    /// Content-Length and Transfer-Encoding together, two different lengths, codings where chunked is not the last one, or
    /// Transfer-Encoding in HTTP/1.0 (RFC 9112, 6.1 to 6.3).
    case ambiguousFraming
    case invalidContentLength
    /// 101 to a request that did not ask for an upgrade, or to a protocol that it did not offer (RFC 9110, 7.8).
    case upgradeNotRequested
    /// A size, the end of a chunk, or a trailer (RFC 9112, 7.1).
    case malformedChunk
    case trailersTooLarge

    /// The head of the answer has been told: the visitor may have part of it.
    package var isInBody: Bool { self == .malformedChunk || self == .trailersTooLarge }

    /// A phrase that follows "the target's answer is unreadable: ".
    package var reason: String {
        switch self {
        case .malformedStatusLine: "it does not begin with an HTTP/1 status line"
        case .headTooLarge: "its head is too large"
        case .malformedHeaderField: "a header field is malformed"
        case .ambiguousFraming: "Content-Length and Transfer-Encoding do not say clearly where it ends"
        case .invalidContentLength: "Content-Length is not a number"
        case .upgradeNotRequested: "it switches to a protocol that was not asked for"
        case .malformedChunk: "its chunked body is malformed"
        case .trailersTooLarge: "its trailers are too large"
        }
    }
}
