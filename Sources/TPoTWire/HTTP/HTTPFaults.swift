/// Why a visitor's bytes are not a request that can be routed, and how to answer them.
package enum HTTPRequestFault: Error, Hashable, Sendable, CaseIterable {
    /// Not `method SP target SP HTTP/d.d CRLF` (RFC 9112, 3).
    case malformedRequestLine
    /// A missing name, white space before the colon, a folded line, a control character, or a lone CR or LF (RFC 9112,
    /// 2.2 and 5).
    case malformedHeaderField
    case headTooLarge
    case unsupportedVersion
    /// Two readers might find different ends of the body (RFC 9112, 6.1 to 6.3), which allows request smuggling.
    case ambiguousFraming
    case invalidContentLength
    case malformedChunk
    case trailersTooLarge
    /// HTTP/1.1 without `Host` (RFC 9112, 3.2). Not reported as an event: see ``HTTPRequestHead/hostFault``.
    case missingHost
    /// Not reported as an event: see ``HTTPRequestHead/hostFault``.
    case multipleHosts
    /// The request-target names another host than `Host` (RFC 9112, 3.2.2). Not reported as an event, as above.
    case conflictingHosts

    package var status: Int {
        switch self {
        case .headTooLarge, .trailersTooLarge: 431
        case .unsupportedVersion: 505
        default: 400
        }
    }

    /// A phrase for the answer's body.
    package var reason: String {
        switch self {
        case .malformedRequestLine: "the request line is not HTTP/1"
        case .malformedHeaderField: "a header field is malformed"
        case .headTooLarge: "the request head is too large"
        case .unsupportedVersion: "only HTTP/1.0 and HTTP/1.1 are supported"
        case .ambiguousFraming: "Content-Length and Transfer-Encoding do not clearly say where the request ends"
        case .invalidContentLength: "Content-Length is not a number, or too large"
        case .malformedChunk: "the chunked request body is malformed"
        case .trailersTooLarge: "the trailers of the request are too large"
        case .missingHost: "the Host header field is missing"
        case .multipleHosts: "there is more than one Host header field"
        case .conflictingHosts: "the request line names another host than the Host header field"
        }
    }
}

/// Why the end of an answer is not certain: another reader, such as a proxy, might find it elsewhere and take the bytes
/// after it for the answer to someone else's request.
package enum HTTPResponseFault: Error, Hashable, Sendable, CaseIterable {
    /// Not `HTTP/1.d SP 3DIGIT` with a status of 100 or more (RFC 9112, 4).
    case malformedStatusLine
    case headTooLarge
    /// A NUL, a lone CR, or an invalid line that another reader might take for a field that ends the body.
    case malformedHeaderField
    /// Content-Length and Transfer-Encoding together, two different lengths, codings where chunked is not the last one,
    /// or Transfer-Encoding in HTTP/1.0 (RFC 9112, 6.1 to 6.3).
    case ambiguousFraming
    case invalidContentLength
    /// A 101 for a request that did not ask for an upgrade, or a protocol that it did not offer (RFC 9110, 7.8).
    case upgradeNotRequested
    /// An invalid size, end of a chunk, or trailer (RFC 9112, 7.1).
    case malformedChunk
    case trailersTooLarge

    /// The head of the answer was already reported, so the visitor may have part of the answer.
    package var isInBody: Bool { self == .malformedChunk || self == .trailersTooLarge }

    /// A phrase that follows "the target's answer is unreadable: ".
    package var reason: String {
        switch self {
        case .malformedStatusLine: "it does not begin with an HTTP/1 status line"
        case .headTooLarge: "its head is too large"
        case .malformedHeaderField: "a header field is malformed"
        case .ambiguousFraming: "Content-Length and Transfer-Encoding do not clearly say where it ends"
        case .invalidContentLength: "Content-Length is not a number"
        case .upgradeNotRequested: "it switches to a protocol that was not requested"
        case .malformedChunk: "its chunked body is malformed"
        case .trailersTooLarge: "its trailers are too large"
        }
    }
}
