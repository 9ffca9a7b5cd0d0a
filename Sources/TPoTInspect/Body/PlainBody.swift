import TPoTCapture

/// The content of a body as one text in UTF-8, for a program that reads it.
package struct PlainBody: Sendable {
    /// Nil if the content is not text, or cannot be decoded.
    package let text: [UInt8]?
    package let decoded: DecodedBody

    package init(_ body: CapturedBody, head: [UInt8]?) {
        decoded = DecodedBody(body, head: head)
        let isText = !decoded.isStillCoded && BodyKind(decoded) != .binary
        text = isText ? CharsetText(decoded.bytes, charset: decoded.mediaType?.charset).utf8 : nil
    }
}
