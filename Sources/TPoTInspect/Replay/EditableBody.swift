import TPoTCapture
import TPoTWire

/// The body of a request as text for an editor, and the way back.
///
/// Content codings and the charset are undone for the editor and applied again. In a multipart body, a placeholder line
/// stands for each part that is not text; if the whole body is not text, one stands for it.
struct EditableBody: Sendable {
    /// The beginning of the placeholder for a whole body.
    static let placeholderStart = "<<the body as captured: "

    /// The text for the editor: valid UTF-8.
    let shown: [UInt8]

    private enum Content {
        /// Not text: ``shown`` is a placeholder.
        case kept
        /// The text in its charset, which is nil for UTF-8.
        case text(charset: String?, [UInt8])
        case multipart(MultipartText)
    }

    private let content: Content
    /// The body without chunks, but with its content codings.
    private let coded: [UInt8]
    /// What the head says about the captured body.
    private let description: BodyDescription
    /// The codings that were undone, in the order in which they had been applied.
    private let coders: [ContentCoder]

    /// - Parameter wire: the body as captured, whole.
    init(_ wire: [UInt8], _ description: BodyDescription) {
        self.description = description
        let chunked = description.isChunked ? ChunkedBody(wire) : nil
        coded = chunked?.bytes ?? wire
        let isDamaged = chunked.map { $0.faultOffset != nil || !$0.isComplete } ?? false
        let isPlain = !isDamaged && description.transferCodings.count <= 1
        var (bytes, coders, reason) = (coded, [ContentCoder](), String?.none)
        if isPlain { (bytes, coders, reason) = Self.decoded(coded, description.contentCodings) }
        self.coders = coders
        if isPlain, reason == nil, let (content, shown) = Self.text(bytes, description.mediaType) {
            (self.content, self.shown) = (content, shown)
        } else {
            let type = description.mediaType.map { VisibleText.text($0.name, limit: 60) }
            let facts = ["\(wire.count) bytes", type, reason].compactMap { $0 }.joined(separator: ", ")
            content = .kept
            shown = Array("\(Self.placeholderStart)\(facts)>>".utf8)
        }
    }

    /// The body for an edited text, without chunks.
    /// - Parameter new: what the edited head says about it.
    func bytes(from edited: [UInt8], _ new: BodyDescription) throws(ReplayRefusal) -> [UInt8] {
        if edited == shown, new.contentCodings == description.contentCodings { return coded }
        switch content {
        case .kept:
            if edited == shown { return coded }
            guard !edited.starts(with: Array(Self.placeholderStart.utf8)) else {
                throw .brokenPlaceholder(VisibleText.text(shown, limit: 80))
            }
            return try encoded(edited, new)
        case .text(let charset, let original):
            if edited == shown { return try encoded(original, new) }
            // An unknown charset was read as UTF-8, and stays that.
            let isSame = new.mediaType?.charset == description.mediaType?.charset
            let wanted = isSame ? charset : new.mediaType?.charset
            // Without a charset, a byte order mark is a part of the text.
            guard let text = CharsetEncoder.encoded(edited, to: wanted, like: charset == nil ? [] : original) else {
                throw .notInCharset(VisibleText.text(wanted ?? "", limit: 30))
            }
            return try encoded(text, new)
        case .multipart(let parts):
            return try encoded(parts.bytes(from: edited, boundary: new.mediaType?.parameters["boundary"]), new)
        }
    }

    // MARK: Codings

    /// Undoes content codings as long as they fit the bytes: text whose head names a wrong coding is text all the same.
    /// - Returns: the reason if a coding that fits cannot be undone and applied again.
    private static func decoded(
        _ coded: [UInt8],
        _ names: [String]
    ) -> (bytes: [UInt8], coders: [ContentCoder], reason: String?) {
        var bytes = coded
        var coders: [ContentCoder] = []
        // A body that the user adds gets what the head names.
        guard !coded.isEmpty else { return (bytes, names.compactMap { ContentCoder($0) }, nil) }
        for name in names.reversed() {
            guard let coder = ContentCoder(name, of: bytes) else { continue }
            let result = coder.decoded(bytes, limit: DecodedBody.limit)
            if result?.ending != .complete, coders.isEmpty, BodyKind.looksLikeText(bytes) { continue }
            if let library = coder.missingLibrary { return (bytes, [], "\(name): \(library) is missing here") }
            guard let result else { return (bytes, [], "\(name): it cannot be decoded here") }
            switch result.ending {
            case .complete: (bytes, coders) = (result.bytes, [coder] + coders)
            case .limit: return (bytes, [], "\(name): more than \(DecodedBody.limit) bytes decoded")
            case .cut, .damaged: return (bytes, [], "\(name), damaged")
            }
        }
        return (bytes, coders, nil)
    }

    /// Applies the codings that the edited head names. If the user left them as they were, these are those that were
    /// undone.
    private func encoded(_ bytes: [UInt8], _ new: BodyDescription) throws(ReplayRefusal) -> [UInt8] {
        var bytes = bytes
        let isSame = new.contentCodings == description.contentCodings
        if isSame, case .kept = content {
            // Typed in place of bytes that are not text. Its codings are those of the head.
        } else if isSame {
            for coder in coders { bytes = try Self.encoded(bytes, coder) }
            return bytes
        }
        for name in new.contentCodings {
            if let coder = ContentCoder(name) { bytes = try Self.encoded(bytes, coder) }
        }
        return bytes
    }

    private static func encoded(_ bytes: [UInt8], _ coder: ContentCoder) throws(ReplayRefusal) -> [UInt8] {
        guard let encoded = coder.encoded(bytes) else {
            throw .cannotEncode(coder.missingLibrary.map { "\($0) is missing here" } ?? "the library failed")
        }
        return encoded
    }

    // MARK: Text

    /// Nil if the bytes are not text that survives the way to the editor and back.
    private static func text(_ bytes: [UInt8], _ type: MediaType?) -> (Content, shown: [UInt8])? {
        if let type, type.isMultipart, let boundary = type.parameters["boundary"], !boundary.isEmpty,
            let parts = MultipartText(bytes, boundary: boundary)
        {
            return (.multipart(parts), parts.shown)
        }
        if let charset = type?.charset, !["utf-8", "utf8"].contains(charset) {
            let text = CharsetText(bytes, charset: charset).utf8
            if BodyKind.looksLikeText(text), String(validating: text, as: UTF8.self) != nil,
                CharsetEncoder.encoded(text, to: charset, like: bytes) == bytes
            {
                return (.text(charset: charset, bytes), text)
            }
        }
        guard BodyKind.looksLikeText(bytes), String(validating: bytes, as: UTF8.self) != nil else { return nil }
        return (.text(charset: nil, bytes), bytes)
    }
}
