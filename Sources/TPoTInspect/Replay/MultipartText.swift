import TPoTCapture
import TPoTWire

/// A multipart body as text for an editor (RFC 2046, 5.1.1): parts that are text can be edited, and a placeholder line
/// stands for each other one.
///
///     --x                                                  line ends are LF in the text
///     Content-Disposition: form-data; name="photo"
///
///     <<part 1 as captured: 48213 bytes, image/png>>       must stay
///     --x--
///
/// Parts that were not edited keep their bytes.
struct MultipartText: Sendable {
    private static let placeholderStart = Array("<<part ".utf8)
    /// The most parts. A body with more is edited as one text, if it is text.
    private static let limit = 1000

    /// What is between two delimiter lines, or before the first or after the last one.
    private struct Section {
        let bytes: [UInt8]
        var shown: [UInt8]
        /// The line for a content that is not text, and this content.
        var kept: (placeholder: [UInt8], content: [UInt8])?
        /// Line ends of the content are CRLF, and LF in the text.
        var hasReturns = true
    }

    let shown: [UInt8]
    private let boundary: String
    private let lineEnd: [UInt8]
    private let sections: [Section]

    /// Nil if this is not a whole multipart body whose heads are text.
    init?(_ bytes: [UInt8], boundary: String) {
        let (pieces, delimiters) = Self.divide(bytes, boundary)
        guard let first = delimiters.first, first.last == 0x0a, 2...Self.limit ~= delimiters.count else { return nil }
        let lineEnd: [UInt8] = first.suffix(2).elementsEqual([0x0d, 0x0a]) ? [0x0d, 0x0a] : [0x0a]
        var sections: [Section] = []
        var shown: [UInt8] = []
        for (index, piece) in pieces.enumerated() {
            let isPart = index > 0 && index < delimiters.count
            guard let section = isPart ? Self.part(piece, index) : Self.rest(piece) else { return nil }
            sections.append(section)
            shown += section.shown
            if index < delimiters.count {
                shown += Self.withoutReturns(Array(delimiters[index]))
            }
        }
        guard String(validating: shown, as: UTF8.self) != nil else { return nil }
        self.shown = shown
        self.boundary = boundary
        self.lineEnd = lineEnd
        self.sections = sections
    }

    /// The body for an edited text.
    /// - Parameter new: the boundary that the edited head names.
    func bytes(from edited: [UInt8], boundary new: String?) throws(ReplayRefusal) -> [UInt8] {
        var (pieces, delimiters) = Self.divide(edited, boundary)
        if let new, new != boundary {
            let renamed = Self.divide(edited, new)
            if !renamed.delimiters.isEmpty { (pieces, delimiters) = renamed }
        }
        var missing = sections.compactMap { $0.kept?.placeholder }
        var result: [UInt8] = []
        for (index, piece) in pieces.enumerated() {
            let text = Array(piece)
            if let same = original(of: text, at: index) {
                result += same.bytes
                missing.removeAll { $0 == same.kept?.placeholder }
            } else {
                let isPart = index > 0 && index < delimiters.count
                let (bytes, placeholder) = rebuilt(text, at: index, isPart: isPart)
                result += bytes
                missing.removeAll { $0 == placeholder }
            }
            guard index < delimiters.count else { continue }
            let line = delimiters[index]
            let content = line.last == 0x0a ? line.dropLast() : line
            result += content + (line.last == 0x0a ? lineEnd : [])
        }
        if let line = missing.first { throw .brokenPlaceholder(VisibleText.text(line, limit: 80)) }
        return result
    }

    /// The section that was not edited; nil if it was.
    private func original(of text: [UInt8], at index: Int) -> Section? {
        if sections.indices.contains(index), sections[index].shown == text { return sections[index] }
        return sections.first { $0.shown == text }
    }

    /// - Returns: the placeholder, too, for whose content the bytes have room.
    private func rebuilt(_ text: [UInt8], at index: Int, isPart: Bool) -> (bytes: [UInt8], placeholder: [UInt8]?) {
        let hasReturns = sections.indices.contains(index) ? sections[index].hasReturns : true
        guard isPart else { return (hasReturns ? Self.withReturns(text, lineEnd) : text, nil) }
        // The line end before a delimiter belongs to the delimiter.
        let body = text.last == 0x0a ? Array(text.dropLast()) : text
        let (head, content) = Self.headAndContent(body[...])
        let begin = Self.withReturns(Array(head), lineEnd)
        if let kept = sections.lazy.compactMap(\.kept).first(where: { $0.placeholder.elementsEqual(content) }) {
            return (begin + kept.content + lineEnd, kept.placeholder)
        }
        return (begin + (hasReturns ? Self.withReturns(Array(content), lineEnd) : Array(content)) + lineEnd, nil)
    }

    // MARK: Sections

    private static func part(_ piece: ArraySlice<UInt8>, _ number: Int) -> Section? {
        var body = piece
        // Without a line end before the delimiter there is none that an edited part could get again.
        guard body.popLast() == 0x0a else { return nil }
        if body.last == 0x0d { body = body.dropLast() }
        let (head, content) = headAndContent(body)
        guard String(validating: head, as: UTF8.self) != nil, BodyKind.looksLikeText(Array(head)) else { return nil }
        let begin = withoutReturns(Array(head))
        let bytes = Array(content)
        let isText =
            BodyKind.looksLikeText(bytes) && String(validating: bytes, as: UTF8.self) != nil
            && !bytes.starts(with: placeholderStart)
        var section = Section(bytes: Array(piece), shown: [])
        if isText {
            section.hasReturns = hasOnlyReturns(bytes)
            section.shown = begin + (section.hasReturns ? withoutReturns(bytes) : bytes) + [0x0a]
        } else {
            let type = MultipartPart(body).type.map { ", \(VisibleText.text($0.name, limit: 60))" } ?? ""
            let line = Array("<<part \(number) as captured: \(bytes.count) bytes\(type)>>".utf8)
            section.kept = (line, bytes)
            section.shown = begin + line + [0x0a]
        }
        return section
    }

    /// What is before the first delimiter or after the last one.
    private static func rest(_ piece: ArraySlice<UInt8>) -> Section? {
        let bytes = Array(piece)
        guard BodyKind.looksLikeText(bytes) else { return nil }
        let hasReturns = hasOnlyReturns(bytes)
        return Section(bytes: bytes, shown: hasReturns ? withoutReturns(bytes) : bytes, hasReturns: hasReturns)
    }

    /// The head with the blank line after it, and the rest.
    private static func headAndContent(_ part: ArraySlice<UInt8>) -> (ArraySlice<UInt8>, ArraySlice<UInt8>) {
        var start = part.startIndex
        while let lineFeed = part[start...].firstIndex(of: 0x0a) {
            let line = part[start..<lineFeed]
            if line.isEmpty || line.elementsEqual([0x0d]) { return (part[...lineFeed], part[(lineFeed + 1)...]) }
            start = lineFeed + 1
        }
        return (part, [])
    }

    /// The delimiter lines, and what is before, between and after them.
    private static func divide(
        _ bytes: [UInt8],
        _ boundary: String
    ) -> (sections: [ArraySlice<UInt8>], delimiters: [ArraySlice<UInt8>]) {
        let delimiter = Array("--\(boundary)".utf8)
        var (sections, delimiters): ([ArraySlice<UInt8>], [ArraySlice<UInt8>]) = ([], [])
        var (start, lineStart) = (0, 0)
        while lineStart < bytes.count {
            let lineEnd = bytes[lineStart...].firstIndex(of: 0x0a).map { $0 + 1 } ?? bytes.count
            let line = bytes[lineStart..<lineEnd]
            let rest = line.dropFirst(delimiter.count)
            let isLast = rest.starts(with: [0x2d, 0x2d])
            let isDelimiter = line.starts(with: delimiter) && (isLast || rest.allSatisfy { $0 <= 0x20 })
            lineStart = lineEnd
            guard isDelimiter else { continue }
            sections.append(bytes[start..<line.startIndex])
            delimiters.append(line)
            start = lineEnd
            if isLast { break }
        }
        return (sections + [bytes[start...]], delimiters)
    }

    // MARK: Line ends

    private static func hasOnlyReturns(_ bytes: [UInt8]) -> Bool {
        var before: UInt8 = 0
        for byte in bytes {
            if (byte == 0x0a) != (before == 0x0d) { return false }
            before = byte
        }
        return before != 0x0d
    }

    private static func withoutReturns(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for byte in bytes {
            if byte == 0x0a, result.last == 0x0d { result.removeLast() }
            result.append(byte)
        }
        return result
    }

    private static func withReturns(_ bytes: [UInt8], _ lineEnd: [UInt8]) -> [UInt8] {
        guard lineEnd.count == 2 else { return bytes }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + bytes.count / 16)
        for byte in bytes {
            if byte == 0x0a, result.last != 0x0d { result.append(0x0d) }
            result.append(byte)
        }
        return result
    }
}
