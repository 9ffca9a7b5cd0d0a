/// Why a visitor's bytes are not a request that can be routed, and how to answer them.
package enum HTTPRequestFault: Error, Hashable, Sendable, CaseIterable {
    /// Not `method SP target SP HTTP/d.d CRLF` (RFC 9112, 3).
    case malformedRequestLine
    /// A missing name, white space before the colon, a folded line, a control character, or a lone CR or LF (RFC 9112, 2.2
    /// and 5).
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
