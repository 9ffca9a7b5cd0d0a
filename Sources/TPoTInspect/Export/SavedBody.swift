import TPoTCapture
import TPoTWire

/// A body as a file: its content, decoded as far as possible, and a name that fits it.
package struct SavedBody: Sendable {
    /// The most bytes of a decoded body.
    private static let limit = 256 * 1024 * 1024

    /// The name without its ending: `tpot-412-request`.
    package let name: String
    /// `.json`, `.png`, `.bin`.
    package let ending: String
    package let bytes: [UInt8]
    /// What the user should know about the bytes: `gzip decoded`. Nil if there is nothing.
    package let remark: String?

    /// Nil if no byte of this body was captured.
    package init?(_ exchange: CapturedExchange, ofResponse isResponse: Bool) {
        let body = isResponse ? exchange.responseBody : exchange.requestBody
        guard !body.bytes.isEmpty else { return nil }
        let description = BodyDescription(head: isResponse ? exchange.responseHead : exchange.requestHead)
        // After an upgrade the bytes are no body: they stay as they were.
        let decoded = DecodedBody(body, exchange.exchange.isOpaque ? BodyDescription() : description, limit: Self.limit)
        name = "tpot-\(exchange.number)-\(isResponse ? "response" : "request")"
        bytes = decoded.bytes
        ending = Self.ending(decoded)
        let codings = decoded.notes.filter { $0 != "chunked" }
        let parts = [
            body.isWhole ? nil : "only the first \(body.bytes.count) of \(body.count) bytes were captured",
            codings.isEmpty ? nil : codings.joined(separator: ", ") + (decoded.isStillCoded ? "" : " decoded"),
        ]
        let remarks = parts.compactMap { $0 }
        remark = remarks.isEmpty ? nil : remarks.joined(separator: "; ")
    }

    /// Only known types have endings of their own: a name from the network must not choose which program opens the file.
    private static let endings = [
        "text/html": ".html", "application/xhtml+xml": ".html", "text/css": ".css", "text/csv": ".csv",
        "text/javascript": ".js", "application/javascript": ".js", "application/x-ndjson": ".ndjson",
        "image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp", "image/svg+xml": ".svg",
        "application/pdf": ".pdf", "application/zip": ".zip", "application/gzip": ".gz", "video/mp4": ".mp4",
        "audio/mpeg": ".mp3", "application/x-yaml": ".yaml",
    ]

    private static func ending(_ body: DecodedBody) -> String {
        guard !body.isStillCoded else { return ".bin" }
        if let type = body.mediaType {
            if let ending = endings[type.name] { return ending }
            if type.name.hasSuffix("/xml") || type.name.hasSuffix("+xml") { return ".xml" }
        }
        switch BodyKind(body) {
        case .json: return ".json"
        case .text, .form: return ".txt"
        case .multipart, .binary: return ".bin"
        }
    }
}
