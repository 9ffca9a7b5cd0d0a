import TPoTCapture

/// Searches for text in an exchange's captured bodies, both as they were on the wire and decoded.
package enum BodySearch {
    /// The number of bytes of a decoded body that are searched.
    static let decodedLimit = 1024 * 1024

    /// - Parameter needle: in lower case.
    @Sendable package static func contains(_ needle: [UInt8], in content: CapturedExchange) -> Bool {
        contains(needle, in: content.requestBody, head: content.requestHead)
            || contains(needle, in: content.responseBody, head: content.responseHead)
    }

    private static func contains(_ needle: [UInt8], in body: CapturedBody, head: [UInt8]?) -> Bool {
        if body.bytes.contains(ignoringCase: needle) { return true }
        guard !body.bytes.isEmpty else { return false }
        let description = BodyDescription(head: head)
        guard description.isCoded else { return false }
        return DecodedBody(body, description, limit: decodedLimit).bytes.contains(ignoringCase: needle)
    }
}
