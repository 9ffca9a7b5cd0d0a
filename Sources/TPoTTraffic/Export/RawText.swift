/// Parts of an exchange as they are copied to the clipboard: plain text, nothing made visible and nothing masked.
package enum RawText {
    package enum Part: Hashable, Sendable {
        /// As the target got it.
        case requestHead
        case requestBody, responseHead, responseBody
    }

    /// Heads with LF line ends and without the blank line; bodies decoded, in UTF-8. Nil where there is nothing, or
    /// nothing that is text.
    package static func text(_ part: Part, of exchange: CapturedExchange) -> String? {
        switch part {
        case .requestHead: (exchange.sentRequestHead ?? exchange.requestHead).map(head)
        case .responseHead: exchange.responseHead.map(head)
        case .requestBody: body(exchange.requestBody, exchange.requestHead)
        case .responseBody: body(exchange.responseBody, exchange.responseHead)
        }
    }

    private static func head(_ head: [UInt8]) -> String {
        let lines = [HTTPText.firstLine(head)] + HTTPText.fieldLines(head)
        return lines.map { HTTPText.text(Array($0)) + "\n" }.joined()
    }

    private static func body(_ body: CapturedBody, _ head: [UInt8]?) -> String? {
        let decoded = DecodedBody(body, head: head)
        guard !decoded.bytes.isEmpty, !decoded.isStillCoded, BodyKind(decoded) != .binary else { return nil }
        return String(decoding: CharsetText(decoded.bytes, charset: decoded.mediaType?.charset).utf8, as: UTF8.self)
    }
}
