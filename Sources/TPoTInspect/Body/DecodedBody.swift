import TPoTCapture
import TPoTWire

/// A body as its sender meant it: without chunks and compression, as far as that can be had.
package struct DecodedBody: Hashable, Sendable {
    /// Bytes of the result at most: a small body can become endlessly large.
    package static let limit = 8 * 1024 * 1024

    package private(set) var bytes: [UInt8]
    /// What was undone and what was not, for the user: `chunked`, `gzip`, `br, not decoded`.
    package private(set) var notes: [String] = []
    package let mediaType: MediaType?
    /// A coding is left: the bytes are not the content.
    package private(set) var isStillCoded = false
    /// Bytes of the body that were captured, and those that passed.
    package let capturedCount: Int
    package let passedCount: Int
    /// Trailers of a body in chunks, with their line ends.
    package private(set) var trailers: [UInt8] = []

    /// - Parameter head: of the message to which the body belongs.
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
            guard let result = undo(coding, limit: limit) else {
                notes.append("\(VisibleText.text(coding, limit: 20)), not decoded")
                isStillCoded = true
                return
            }
            let isFirstCut = result.ending == .cut && body.isWhole
            switch result.ending {
            case .damaged where result.bytes.isEmpty:
                notes.append("not \(coding), as the head says")
                isStillCoded = true
                return
            case .damaged: notes.append("\(coding), damaged")
            case .limit: notes.append("\(coding), cut at \(limit) bytes")
            case .cut where isFirstCut: notes.append("\(coding), incomplete")
            case .cut, .complete: notes.append(coding)
            }
            bytes = result.bytes
        }
    }

    /// Everything that passed was captured.
    package var isWhole: Bool { capturedCount == passedCount }

    /// Nil when the coding is not known here.
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
