import NIOCore
import TPoTWire

/// What a head says about the body that follows it.
package struct BodyDescription: Hashable, Sendable {
    /// `Transfer-Encoding` in the order in which the codings were applied, in lower case (RFC 9112, 6.1).
    package var transferCodings: [String] = []
    /// `Content-Encoding` in the order in which the codings were applied, in lower case (RFC 9110, 8.4).
    package var contentCodings: [String] = []
    /// Nil if the head has no `Content-Type`.
    package var mediaType: MediaType?

    /// The most codings that are read. More than this is an attack.
    private static let codingLimit = 4

    package init() {}

    /// - Parameter head: nil if none was seen.
    package init(head: [UInt8]?) {
        guard let head else { return }
        let fields = HTTPHeaderFields(ofHead: ByteBuffer(bytes: head))
        transferCodings = Self.codings(fields.all(named: "transfer-encoding"))
        contentCodings = Self.codings(fields.all(named: "content-encoding")).filter { $0 != "identity" }
        mediaType = fields.first(named: "content-type").map { MediaType(HTTPHeaderFields.text($0)) }
    }

    package var isChunked: Bool { transferCodings.last == "chunked" }
    /// The bytes on the wire differ from the content.
    package var isCoded: Bool { !transferCodings.isEmpty || !contentCodings.isEmpty }

    private static func codings(_ values: [ByteBufferView]) -> [String] {
        let all = values.flatMap { $0.split(separator: UInt8(ascii: ",")) }.map { value in
            let name = value.prefix { $0 != UInt8(ascii: ";") }.filter { $0 != 0x20 && $0 != 0x09 }
            return String(decoding: name.map(\.lowercasedASCII), as: UTF8.self)
        }
        return Array(all.filter { !$0.isEmpty }.prefix(codingLimit))
    }
}

/// A media type with its parameters (RFC 9110, 8.3.1): `text/html; charset="utf-8"`.
package struct MediaType: Hashable, Sendable {
    /// `text/html`, in lower case.
    package let name: String
    /// Names are in lower case. The first parameter of a name wins.
    package let parameters: [String: String]

    package init(_ text: String) {
        let pieces = Self.pieces(text, separator: ";")
        name = String(decoding: (pieces.first ?? "").lowercasedASCII, as: UTF8.self)
        var parameters: [String: String] = [:]
        for piece in pieces.dropFirst() {
            guard let equals = piece.firstIndex(of: "=") else { continue }
            let key = String(decoding: String(piece[..<equals]).lowercasedASCII, as: UTF8.self)
            let name = key.filter { $0 != " " && $0 != "\t" }
            if parameters[name] == nil { parameters[name] = Self.unquoted(piece[piece.index(after: equals)...]) }
        }
        self.parameters = parameters
    }

    package var charset: String? {
        parameters["charset"].map { String(decoding: $0.lowercasedASCII, as: UTF8.self) }
    }

    package var isJSON: Bool {
        name == "application/json" || name.hasSuffix("+json") || name == "text/json" || name == "application/x-ndjson"
    }

    package var isForm: Bool { name == "application/x-www-form-urlencoded" }
    package var isMultipart: Bool { name.hasPrefix("multipart/") }

    package var isText: Bool {
        name.hasPrefix("text/") || isJSON || isForm || name.hasSuffix("+xml")
            || ["application/xml", "application/javascript", "application/graphql", "application/x-yaml"].contains(name)
    }

    /// Splits at separators outside of quotes and trims the blanks around the pieces.
    package static func pieces(_ text: String, separator: Character) -> [String] {
        var pieces: [String] = []
        var piece = ""
        var isQuoted = false
        var isEscaped = false
        for character in text {
            if character == separator, !isQuoted {
                pieces.append(piece)
                piece = ""
                continue
            }
            if character == "\"", !isEscaped { isQuoted.toggle() }
            isEscaped = character == "\\" && isQuoted && !isEscaped
            piece.append(character)
        }
        pieces.append(piece)
        return pieces.map { piece in
            let start = piece.drop { $0 == " " || $0 == "\t" }
            let end = start.lastIndex { $0 != " " && $0 != "\t" }
            return end.map { String(start[...$0]) } ?? ""
        }
    }

    private static func unquoted(_ value: Substring) -> String {
        let trimmed = value.drop { $0 == " " }
        guard trimmed.first == "\"" else { return String(trimmed) }
        var result = ""
        var isEscaped = false
        for character in trimmed.dropFirst() {
            if isEscaped {
                result.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                break
            } else {
                result.append(character)
            }
        }
        return result
    }
}
