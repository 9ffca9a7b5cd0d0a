import TPoTWire

/// Shows `multipart/form-data` and similar types part by part.
enum MultipartTable {
    /// The most parts that are shown.
    static let limit = 1000
    /// The most lines of a part that are shown.
    private static let previewLines = 20
    /// The bytes of a text that are split into lines for it.
    private static let previewBytes = 64 * 1024

    static func lines(_ bytes: [UInt8], boundary: String) -> [BodyLine] {
        var fieldJSON = FieldJSON()
        var lines: [BodyLine] = []
        for (index, part) in MultipartPart.all(in: bytes, boundary: boundary, limit: limit + 1).enumerated() {
            guard index < limit else {
                lines.append(BodyLine("more parts", .note))
                break
            }
            append(part, &fieldJSON, to: &lines)
        }
        return lines
    }

    private static func append(_ part: MultipartPart, _ fieldJSON: inout FieldJSON, to lines: inout [BodyLine]) {
        let name = part.name.map { VisibleText.text($0, limit: 200) } ?? "(no name)"
        let body = part.body
        let json = part.isText ? fieldJSON.lines(body) : nil
        if part.fileName == nil, part.isText, json == nil, !body.contains(0x0a), body.count <= LineTable.pieceLength {
            lines.append(
                BodyLine([
                    .init(name, .key), .init(" = ", .punctuation), .init(VisibleText.text(body), .string),
                ])
            )
            return
        }
        let notes = [
            part.fileName.map { "\"\(VisibleText.text($0, limit: 200))\"" },
            part.type.map { VisibleText.text($0.name, limit: 100) } ?? (json == nil ? nil : "JSON"),
            "\(body.count) bytes",
        ]
        lines.append(
            BodyLine([
                .init(name, .key), .init(": ", .punctuation),
                .init(notes.compactMap(\.self).joined(separator: ", "), .note),
            ])
        )
        guard part.isText else {
            // Not indented, because the lines would be too long for a narrow screen.
            preview(HexDump.count(body), indent: "", to: &lines) { HexDump.line($0, of: body) }
            return
        }
        if let json {
            preview(json.count, to: &lines) { JSONLineStyle.styled(json[$0], decodesEscapes: true) }
        } else {
            let text = LineTable(Array(body.prefix(previewBytes)))
            preview(text.count, to: &lines) { BodyLine(VisibleText.text(text[$0])) }
        }
    }

    private static func preview(
        _ count: Int,
        indent: String = "    ",
        to lines: inout [BodyLine],
        _ line: (Int) -> BodyLine
    ) {
        for index in 0..<min(previewLines, count) {
            lines.append(BodyLine((indent.isEmpty ? [] : [.init(indent, .text)]) + line(index).spans))
        }
        if count > previewLines { lines.append(BodyLine(indent + "…", .note)) }
    }
}
