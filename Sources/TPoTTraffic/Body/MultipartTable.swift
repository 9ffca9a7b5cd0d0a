import NIOCore
import TPoTWire

/// `multipart/form-data` and its relatives, part by part (RFC 7578, RFC 2046 5.1).
enum MultipartTable {
    /// Parts that are shown.
    static let limit = 1000
    /// Lines of a part that are shown.
    private static let previewLines = 20

    static func lines(_ bytes: [UInt8], boundary: String) -> [BodyLine] {
        var lines: [BodyLine] = []
        for (index, part) in parts(bytes, boundary: boundary).enumerated() {
            guard index < limit else {
                lines.append(BodyLine("more parts", .note))
                break
            }
            append(part, to: &lines)
        }
        return lines
    }

    /// The bytes between the delimiter lines; what is before the first and after the last is not content. A last part
    /// without delimiter after it was cut.
    static func parts(_ bytes: [UInt8], boundary: String) -> [ArraySlice<UInt8>] {
        let delimiter = Array("--\(boundary)".utf8)
        var parts: [ArraySlice<UInt8>] = []
        var start: Int?
        var lineStart = 0
        while lineStart < bytes.count, parts.count <= limit {
            let lineEnd = bytes[lineStart...].firstIndex(of: 0x0a) ?? bytes.count
            let line = bytes[lineStart..<lineEnd]
            if line.starts(with: delimiter) {
                let rest = line.dropFirst(delimiter.count)
                let isLast = rest.starts(with: [0x2d, 0x2d])
                if isLast || rest.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }) {
                    if let start { parts.append(content(bytes, start, lineStart)) }
                    guard !isLast else { return parts }
                    start = min(lineEnd + 1, bytes.count)
                }
            }
            lineStart = lineEnd + 1
        }
        if let start, start < bytes.count { parts.append(bytes[start...]) }
        return parts
    }

    /// The line end before a delimiter belongs to the delimiter.
    private static func content(_ bytes: [UInt8], _ start: Int, _ end: Int) -> ArraySlice<UInt8> {
        var end = end
        if end > start, bytes[end - 1] == 0x0a { end -= 1 }
        if end > start, bytes[end - 1] == 0x0d { end -= 1 }
        return bytes[start..<end]
    }

    private static func append(_ part: ArraySlice<UInt8>, to lines: inout [BodyLine]) {
        let (head, body) = divide(part)
        // The reader of fields passes over a first line.
        let fields = HTTPHeaderFields(ofHead: ByteBuffer(bytes: Array("part\n".utf8) + head))
        let disposition = fields.first(named: "content-disposition").map { MediaType(HTTPHeaderFields.text($0)) }
        let type = fields.first(named: "content-type").map { MediaType(HTTPHeaderFields.text($0)) }
        let name = disposition?.parameters["name"].map { VisibleText.text($0, limit: 200) }
        let file = disposition?.parameters["filename"].map { VisibleText.text($0, limit: 200) }
        let text = type?.isText ?? BodyKind.looksLikeText(body)
        if file == nil, text, !body.contains(0x0a), body.count <= LineTable.pieceLength {
            lines.append(
                BodyLine([
                    .init(name ?? "(no name)", .key), .init(" = ", .punctuation),
                    .init(VisibleText.text(body), .string),
                ])
            )
            return
        }
        let notes = [
            file.map { "\"\($0)\"" }, type.map { VisibleText.text($0.name, limit: 100) }, "\(body.count) bytes",
        ]
        lines.append(
            BodyLine([
                .init(name ?? "(no name)", .key), .init(": ", .punctuation),
                .init(notes.compactMap(\.self).joined(separator: ", "), .note),
            ])
        )
        preview(body, isText: text, to: &lines)
    }

    private static func preview(_ body: [UInt8], isText: Bool, to lines: inout [BodyLine]) {
        let table = LineTable(isText ? Array(body.prefix(64 * 1024)) : [])
        let count = isText ? table.count : HexDump.count(body)
        for index in 0..<min(previewLines, count) {
            let line = isText ? BodyLine(VisibleText.text(table[index])) : HexDump.line(index, of: body)
            lines.append(BodyLine([.init("    ", .text)] + line.spans))
        }
        if count > previewLines { lines.append(BodyLine("    …", .note)) }
    }

    private static func divide(_ part: ArraySlice<UInt8>) -> (head: [UInt8], body: [UInt8]) {
        var lineStart = part.startIndex
        while let lineFeed = part[lineStart...].firstIndex(of: 0x0a) {
            let line = part[lineStart..<lineFeed]
            if line.isEmpty || line.elementsEqual([0x0d]) {
                return (Array(part[...lineFeed]), Array(part[(lineFeed + 1)...]))
            }
            lineStart = lineFeed + 1
        }
        return ([], Array(part))
    }
}
