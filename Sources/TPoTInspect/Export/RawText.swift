import TPoTCapture
import TPoTWire

/// Parts of an exchange as plain text for the clipboard. Control characters are not escaped.
package enum RawText {
    package enum Part: Hashable, Sendable {
        /// The request head as the target received it.
        case requestHead
        case requestBody, responseHead, responseBody
    }

    /// Heads have LF line ends and no blank line. Bodies are decoded and in UTF-8. Nil if there is nothing, or if a
    /// body is not text.
    /// - Parameter mask: is applied to heads. Bodies are not masked.
    package static func text(
        _ part: Part,
        of exchange: CapturedExchange,
        mask: SecretMask = SecretMask()
    ) -> String? {
        switch part {
        case .requestHead: (exchange.sentRequestHead ?? exchange.requestHead).map { head($0, mask) }
        case .responseHead: exchange.responseHead.map { head($0, mask) }
        case .requestBody: body(exchange.requestBody, exchange.requestHead)
        case .responseBody: body(exchange.responseBody, exchange.responseHead)
        }
    }

    private static func head(_ head: [UInt8], _ mask: SecretMask) -> String {
        let fields = HTTPText.fieldLines(head).map { line in HTTPText.text(mask.line(line)) }
        let first = HTTPText.text(mask.url(Array(HTTPText.firstLine(head))))
        return ([first] + fields).map { $0 + "\n" }.joined()
    }

    /// How the text of a body differs from the forwarded bytes. Nil if it does not, and for heads.
    package static func remark(_ part: Part, of exchange: CapturedExchange) -> String? {
        let (body, head): (CapturedBody, [UInt8]?)
        switch part {
        case .requestBody: (body, head) = (exchange.requestBody, exchange.requestHead)
        case .responseBody: (body, head) = (exchange.responseBody, exchange.responseHead)
        case .requestHead, .responseHead: return nil
        }
        let decoded = DecodedBody(body, head: head)
        let text = CharsetText(decoded.bytes, charset: decoded.mediaType?.charset)
        let invalid = ScalarPieces(text.utf8).count { if case .invalid = $0 { true } else { false } }
        let replaced = text.replaced + invalid
        var remarks: [String] = []
        if replaced > 0 { remarks.append("\(replaced) invalid byte\(replaced == 1 ? "" : "s") replaced") }
        if !decoded.isWhole {
            remarks.append("only the first \(decoded.capturedCount) of \(decoded.passedCount) bytes")
        }
        return remarks.isEmpty ? nil : remarks.joined(separator: "; ")
    }

    /// The URL of a request. Characters that a URL cannot contain are percent-encoded, so that it can be pasted into a
    /// browser or between quotes in a shell.
    /// - Parameter base: the public URL, without a final slash.
    package static func url(of exchange: Exchange, at base: String) -> String {
        let path = exchange.target.prefix { $0 != UInt8(ascii: "#") }.map { byte -> String in
            let isPlain = 0x21...0x7e ~= byte && !#"<>"'\^`{|}"#.utf8.contains(byte)
            if isPlain { return String(UnicodeScalar(byte)) }
            return (byte < 0x10 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
        }.joined()
        if path.hasPrefix("http://") || path.hasPrefix("https://") { return path }
        return path.hasPrefix("/") ? base + path : base
    }

    private static func body(_ body: CapturedBody, _ head: [UInt8]?) -> String? {
        let decoded = DecodedBody(body, head: head)
        guard !decoded.bytes.isEmpty, !decoded.isStillCoded, BodyKind(decoded) != .binary else { return nil }
        return String(decoding: CharsetText(decoded.bytes, charset: decoded.mediaType?.charset).utf8, as: UTF8.self)
    }
}
