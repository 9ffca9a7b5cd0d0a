import TPoTCapture
import TPoTWire

/// A body as readable lines. A line is made when it is asked for, so the cost of a long body depends on what is shown.
package struct BodyText: Sendable {
    package enum Mode: Hashable, Sendable, CaseIterable {
        /// Decoded and laid out according to its type.
        case pretty
        /// Decoded, otherwise unchanged.
        case raw
        /// The bytes on the wire as a hex dump.
        case hex
    }

    private enum Content: Sendable {
        case lines([BodyLine])
        case text(LineTable)
        case json(LineTable)
        /// JSON that is laid out.
        case pretty(LineTable, LazyNodes)
        case hex([UInt8])
    }

    private let content: Content
    /// `json`, `form`, `html`, `text`, `image/png`.
    package let typeName: String
    /// The number of bytes, what was decoded, and what is missing: `1204 bytes, chunked, gzip: 8120 bytes`.
    package let summary: String
    /// Why the body is not what its head says. Nil if nothing is wrong.
    package let fault: String?
    /// Decoding stopped at the limit.
    let isCut: Bool
    /// The trailers of a chunked body, with their line ends. Empty if the body is shown as it was on the wire.
    package let trailers: [UInt8]

    /// - Parameter isComplete: whether the body has ended.
    package init(
        _ body: CapturedBody,
        head: [UInt8]?,
        mode: Mode,
        limit: Int = DecodedBody.limit,
        isComplete: Bool = true
    ) {
        guard mode != .hex else {
            content = .hex(body.bytes)
            typeName = BodyKind.name(of: BodyDescription(head: head).mediaType) ?? "bytes"
            summary = Self.summary(body, nil, notes: [])
            fault = nil
            isCut = false
            trailers = []
            return
        }
        let decoded = DecodedBody(body, head: head, limit: limit)
        var notes: [String] = []
        var fault: String?
        typeName = Self.typeName(decoded)
        content = Self.content(decoded, isPretty: mode == .pretty, notes: &notes, fault: &fault)
        isCut = decoded.isCut
        trailers = decoded.trailers
        self.fault = isComplete ? fault : nil
        summary = Self.summary(body, decoded, notes: notes)
    }

    package var count: Int {
        switch content {
        case .lines(let lines): lines.count
        case .text(let table), .json(let table), .pretty(let table, _): table.count
        case .hex(let bytes): HexDump.count(bytes)
        }
    }

    package var isEmpty: Bool { count == 0 }

    /// The content if it is not text, or cannot be decoded.
    var bytes: [UInt8]? {
        guard case .hex(let bytes) = content else { return nil }
        return bytes
    }

    /// - Returns: an empty line if there is no line with this index.
    package func line(_ index: Int) -> BodyLine {
        guard index >= 0, index < count else { return BodyLine([]) }
        switch content {
        case .lines(let lines): return lines[index]
        case .text(let table): return BodyLine(VisibleText.text(table[index]))
        case .json(let table): return JSONLineStyle.styled(table[index], decodesEscapes: false)
        case .pretty(let table, _): return JSONLineStyle.styled(table[index], decodesEscapes: true)
        case .hex(let bytes): return HexDump.line(index, of: bytes)
        }
    }

    /// The objects and arrays of JSON that is laid out; nil for all else.
    package var nodes: JSONNodes? {
        guard case .pretty(let table, let nodes) = content else { return nil }
        return nodes.nodes(of: table)
    }

    private static func typeName(_ body: DecodedBody) -> String {
        guard !body.isStillCoded else { return BodyKind.name(of: body.mediaType) ?? "bytes" }
        switch BodyKind(body) {
        case .json: return "json"
        case .form: return "form"
        case .multipart: return "multipart"
        case .text: return BodyKind.name(of: body.mediaType) ?? "text"
        case .binary: return BodyKind.name(of: body.mediaType) ?? "bytes"
        }
    }

    private static func content(
        _ body: DecodedBody,
        isPretty: Bool,
        notes: inout [String],
        fault: inout String?
    ) -> Content {
        guard !body.isStillCoded else { return .hex(body.bytes) }
        let kind = BodyKind(body)
        guard kind != .binary else { return .hex(body.bytes) }
        if isPretty, kind == .form { return .lines(FormTable.lines(body.bytes)) }
        if isPretty, case .multipart(let boundary) = kind {
            return .lines(MultipartTable.lines(body.bytes, boundary: boundary))
        }
        let text = CharsetText(body.bytes, charset: body.mediaType?.charset)
        if let note = text.note { notes.append(note) }
        guard kind == .json else {
            let markup = isPretty ? BodyKind.markup(text.utf8, body.mediaType) : nil
            let laidOut = markup.flatMap { MarkupIndenter.indent(text.utf8, isHTML: $0 == .html) }
            return .text(table(laidOut ?? text.utf8, &notes))
        }
        let json = JSONIndenter.indent(text.utf8)
        if let offset = json.faultOffset {
            fault = "not valid JSON from byte \(offset) on"
            return .text(table(text.utf8, &notes))
        }
        if json.isIncomplete, body.isWhole { fault = "not valid JSON: it ends in the middle" }
        if json.values > 1, body.mediaType?.name == "application/json" {
            fault = fault ?? "not valid JSON: it has \(json.values) values"
        }
        guard isPretty else { return .json(table(text.utf8, &notes)) }
        if json.isCutAtLimit { notes.append("layout cut at \(JSONIndenter.limit) bytes") }
        return .pretty(table(json.bytes, &notes), LazyNodes())
    }

    private static func table(_ bytes: [UInt8], _ notes: inout [String]) -> LineTable {
        let table = LineTable(bytes)
        if table.isCut { notes.append("cut at \(LineTable.limit) lines") }
        return table
    }

    private static func summary(_ body: CapturedBody, _ decoded: DecodedBody?, notes: [String]) -> String {
        var parts = [Self.bytes(body.count)]
        if !body.isWhole { parts.append("truncated at \(body.bytes.count)") }
        var summary = parts.joined(separator: ", ")
        if let decoded, !decoded.notes.isEmpty {
            summary += ", " + decoded.notes.joined(separator: ", ")
            if !decoded.isStillCoded { summary += ": " + bytes(decoded.bytes.count) }
        }
        return ([summary] + notes).joined(separator: ", ")
    }

    private static func bytes(_ count: Int) -> String { count == 1 ? "1 byte" : "\(count) bytes" }
}
