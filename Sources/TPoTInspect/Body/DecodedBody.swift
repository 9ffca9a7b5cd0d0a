import TPoTCapture
import TPoTWire

/// The content of a body: chunks and compression are removed as far as possible.
package struct DecodedBody: Hashable, Sendable {
    /// The most bytes of the result. There has to be a limit, because a small body can decompress to any size.
    package static let limit = 8 * 1024 * 1024

    package private(set) var bytes: [UInt8]
    /// Which codings were undone and which were not, for the user: `chunked`, `gzip`, `br, not decoded`.
    package private(set) var notes: [String] = []
    package let mediaType: MediaType?
    /// A coding could not be undone, so the bytes are not the content.
    package private(set) var isStillCoded = false
    /// The content is longer than ``bytes``.
    package private(set) var isCut = false
    /// The bytes of the body that were captured, and all that were forwarded.
    package let capturedCount: Int
    package let passedCount: Int
    /// The trailers of a chunked body, with their line ends.
    package private(set) var trailers: [UInt8] = []

    /// - Parameter head: the head of the message to which the body belongs.
    package init(_ body: CapturedBody, head: [UInt8]?, limit: Int = Self.limit) {
        self.init(body, BodyDescription(head: head), limit: limit)
    }

    init(_ body: CapturedBody, _ description: BodyDescription, limit: Int) {
        bytes = body.bytes
        capturedCount = body.bytes.count
        passedCount = body.count
        mediaType = description.mediaType
        var codings = description.contentCodings + description.transferCodings
        guard !bytes.isEmpty else { return }
        while let coding = codings.popLast() {
            if Self.isNoCoding(coding) {
                notes.append("\(VisibleText.text(coding, limit: 20)) is not a coding")
                continue
            }
            guard let result = undo(coding, limit: limit) else {
                notes.append("\(VisibleText.text(coding, limit: 20)), not decoded")
                isStillCoded = !BodyKind.looksLikeText(bytes)
                return
            }
            let isFirstCut = result.ending == .cut && body.isWhole
            switch result.ending {
            case .damaged where result.bytes.isEmpty, .cut where isFirstCut && hidesText(result, coding):
                notes.append("not \(coding), although the head says so")
                isStillCoded = !BodyKind.looksLikeText(bytes)
                return
            case .damaged: notes.append("\(coding), damaged")
            case .limit:
                notes.append("\(coding), cut at \(limit) bytes")
                isCut = true
            case .cut where isFirstCut: notes.append("\(coding), incomplete")
            case .cut, .complete: notes.append(coding)
            }
            bytes = result.bytes
        }
    }

    /// All bytes of the body were captured.
    package var isWhole: Bool { capturedCount == passedCount }

    /// Nothing came out of readable text: it was not coded at all.
    private func hidesText(_ result: CodingResult, _ coding: String) -> Bool {
        result.bytes.isEmpty && coding != "chunked" && BodyKind.looksLikeText(bytes)
    }

    /// What some programs write as a coding although it is none: a charset, or that there is none.
    private static func isNoCoding(_ name: String) -> Bool {
        ["none", "utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "binary", "7bit", "8bit", "null"].contains(name)
    }

    /// Nil if the coding is unknown or its library is missing.
    private mutating func undo(_ coding: String, limit: Int) -> CodingResult? {
        switch coding {
        case "chunked":
            let chunked = ChunkedBody(bytes, limit: limit)
            trailers = chunked.trailers
            if chunked.faultOffset != nil { return CodingResult(bytes: chunked.bytes, ending: .damaged) }
            return CodingResult(bytes: chunked.bytes, ending: chunked.isComplete ? .complete : .cut)
        case "gzip", "x-gzip": return Inflater.inflate(bytes, .gzip, limit: limit)
        case "deflate": return Inflater.inflate(bytes, .deflate, limit: limit)
        case "br": return BrotliDecoder.shared?.decode(bytes, limit: limit)
        case "zstd": return ZstandardDecoder.shared?.decode(bytes, limit: limit)
        case "identity": return CodingResult(bytes: bytes, ending: .complete)
        default: return nil
        }
    }
}

/// The result of undoing one coding.
struct CodingResult: Hashable, Sendable {
    enum Ending: Hashable, Sendable {
        case complete
        /// The input ended too early.
        case cut
        /// The input is invalid after ``bytes``.
        case damaged
        /// The output would be longer than the limit.
        case limit
    }

    var bytes: [UInt8]
    var ending: Ending
}

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
