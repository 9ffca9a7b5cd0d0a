import NIOCore
import TPoTWire

/// What a head says about the body that follows it.
package struct BodyDescription: Hashable, Sendable {
    /// `Transfer-Encoding` in the order in which the codings were applied, in lower case (RFC 9112, 6.1).
    package var transferCodings: [String] = []
    /// `Content-Encoding` in the order in which the codings were applied, in lower case (RFC 9110, 8.4).
    package var contentCodings: [String] = []
    /// Nil when the head does not say.
    package var mediaType: MediaType?

    /// More codings than that are an attack.
    private static let codingLimit = 4

    package init() {}

    /// - Parameter head: nil when none was seen.
    package init(head: [UInt8]?) {
        guard let head else { return }
        let fields = HTTPHeaderFields(ofHead: ByteBuffer(bytes: head))
        transferCodings = Self.codings(fields.all(named: "transfer-encoding"))
        contentCodings = Self.codings(fields.all(named: "content-encoding")).filter { $0 != "identity" }
        mediaType = fields.first(named: "content-type").map { MediaType(HTTPHeaderFields.text($0)) }
    }

    package var isChunked: Bool { transferCodings.last == "chunked" }
    /// The bytes on the wire are not those of the content.
    package var isCoded: Bool { !transferCodings.isEmpty || !contentCodings.isEmpty }

    private static func codings(_ values: [ByteBufferView]) -> [String] {
        let all = values.flatMap { $0.split(separator: UInt8(ascii: ",")) }.map { value in
            let name = value.prefix { $0 != UInt8(ascii: ";") }.filter { $0 != 0x20 && $0 != 0x09 }
            return String(decoding: name.map(\.lowercasedASCII), as: UTF8.self)
        }
        return Array(all.filter { !$0.isEmpty }.prefix(codingLimit))
    }
}
