/// Parts of an exchange as they are copied to the clipboard: plain text, nothing made visible.
package enum RawText {
    package enum Part: Hashable, Sendable {
        case requestHead, requestBody, responseHead, responseBody
    }

    /// Heads with LF line ends and without the blank line; bodies decoded, in UTF-8. Nil where there is nothing, or
    /// nothing that is text.
    package static func text(_ part: Part, of exchange: CapturedExchange, masksSecrets: Bool = false) -> String? {
        switch part {
        case .requestHead: head(exchange.requestHead, masksSecrets)
        case .responseHead: head(exchange.responseHead, masksSecrets)
        case .requestBody: body(exchange.requestBody, exchange.requestHead)
        case .responseBody: body(exchange.responseBody, exchange.responseHead)
        }
    }

    private static func head(_ head: [UInt8]?, _ masksSecrets: Bool) -> String? {
        guard let head else { return nil }
        let fields = HTTPText.fieldLines(head).map { line in
            let name = line.prefix { $0 != UInt8(ascii: ":") }
            guard masksSecrets, SecretMask.hides(name) else { return HTTPText.text(Array(line)) }
            return HTTPText.text(Array(name)) + ": " + SecretMask.text
        }
        return ([HTTPText.text(Array(HTTPText.firstLine(head)))] + fields).map { $0 + "\n" }.joined()
    }

    private static func body(_ body: CapturedBody, _ head: [UInt8]?) -> String? {
        let decoded = DecodedBody(body, head: head)
        guard !decoded.bytes.isEmpty, !decoded.isStillCoded, BodyKind(decoded) != .binary else { return nil }
        return String(decoding: CharsetText(decoded.bytes, charset: decoded.mediaType?.charset).utf8, as: UTF8.self)
    }
}
