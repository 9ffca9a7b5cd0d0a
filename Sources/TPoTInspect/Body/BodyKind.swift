import TPoTCapture
import TPoTWire

/// What a decoded body is, judged by its media type or, without a known type, by its bytes.
enum BodyKind: Hashable, Sendable {
    case json, form, text, binary
    case multipart(boundary: String)

    init(_ body: DecodedBody) {
        let type = body.mediaType
        if let type, type.isMultipart, let boundary = type.parameters["boundary"], !boundary.isEmpty {
            self = .multipart(boundary: boundary)
        } else if type?.isForm == true {
            self = .form
        } else if type?.isJSON == true {
            self = .json
        } else if type?.isText == true {
            self = Self.isJSON(body) ? .json : .text
        } else if Self.looksLikeText(body.bytes) {
            let isJSON = Self.looksLikeJSON(body.bytes) && JSONIndenter.indent(body.bytes).faultOffset == nil
            self = isJSON ? .json : .text
        } else {
            self = .binary
        }
    }

    enum Markup { case html, xml }

    /// Nil if the text is neither by its type nor, without one, by its beginning.
    static func markup(_ text: [UInt8], _ type: MediaType?) -> Markup? {
        if let name = type?.name, !name.isEmpty, name != "text/plain" {
            if name == "text/html" || name == "application/xhtml+xml" { return .html }
            return name.hasSuffix("/xml") || name.hasSuffix("+xml") ? .xml : nil
        }
        let start = Array(text.drop { $0 <= 0x20 }.prefix(15)).lowercasedASCII
        if start.starts(with: "<?xml".utf8) { return .xml }
        return start.starts(with: "<!doctype html".utf8) || start.starts(with: "<html".utf8) ? .html : nil
    }

    /// A short name for a media type: `html`, `xml`, `image/png`; nil if the type is not known.
    static func name(of type: MediaType?) -> String? {
        guard let type, !type.name.isEmpty else { return nil }
        if type.isJSON { return "json" }
        let parts = type.name.split(separator: "/", maxSplits: 1)
        guard type.isText, parts.count == 2 else { return VisibleText.text(type.name, limit: 40) }
        let name = parts[1].split(separator: "+").last.map(String.init) ?? "text"
        return VisibleText.text(name == "plain" ? "text" : name == "x-www-form-urlencoded" ? "form" : name, limit: 40)
    }

    /// Whether the body is one object or array. Text of any type is checked, because some servers send JSON as
    /// `text/plain`.
    private static func isJSON(_ body: DecodedBody) -> Bool {
        let text = CharsetText(body.bytes, charset: body.mediaType?.charset).utf8
        guard looksLikeJSON(text) else { return false }
        let json = JSONIndenter.indent(text)
        return json.faultOffset == nil && json.values <= 1 && !(json.isIncomplete && body.isWhole)
    }

    /// Whether the bytes begin like an object or an array.
    static func looksLikeJSON(_ bytes: [UInt8]) -> Bool {
        let first = bytes.first { $0 != 0x20 && $0 != 0x0a && $0 != 0x0d && $0 != 0x09 }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    }

    /// Whether the first bytes are UTF-8 without control characters other than those of plain text.
    static func looksLikeText(_ bytes: [UInt8]) -> Bool {
        let sample = bytes.prefix(4096)
        var offset = 0
        for piece in ScalarPieces(sample) {
            switch piece {
            case .scalar(let scalar):
                offset += UTF8.width(scalar)
                let value = scalar.value
                if value < 0x20, value != 0x09, value != 0x0a, value != 0x0d, value != 0x0c, value != 0x1b {
                    return false
                }
                if value == 0x7f { return false }
            case .invalid:
                // The end of the sample or of the captured bytes may be inside a character.
                return offset > 16 && sample.count - offset < 4
            }
        }
        return true
    }
}
