import NIOCore
import TPoTWire

/// The lines of a head, with its fields in their original order and case.
enum HeadLines {
    /// The column of remarks such as `(added)`.
    private static let remarkColumn = 32

    /// - Parameters:
    ///   - sent: the head as the target got it; nil if nothing was changed.
    static func request(_ received: [UInt8], sent: [UInt8]?) -> [StyledLine] {
        [requestLine(sent ?? received)] + fields(sent ?? received, before: sent == nil ? nil : received)
    }

    static func response(_ head: [UInt8]) -> [StyledLine] {
        [statusLine(head)] + fields(head, before: nil)
    }

    /// The trailer fields after a chunked body; empty if there are none.
    static func trailers(_ bytes: [UInt8]) -> [StyledLine] {
        // The parser expects a start line before the fields.
        let fields = HTTPHeaderFields(ofHead: ByteBuffer(bytes: Array("trailers\r\n".utf8) + bytes)).map(line)
        return fields.isEmpty ? [] : [StyledLine(), StyledLine("trailers:", .dim)] + fields
    }

    private static func requestLine(_ head: [UInt8]) -> StyledLine {
        let text = firstLine(head)
        let words = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard words.count == 2, let space = words[1].lastIndex(of: " ") else { return StyledLine(text) }
        return StyledLine([
            .init(String(words[0]), .method), .init(" " + words[1][..<space], .title),
            .init(String(words[1][space...]), .dim),
        ])
    }

    private static func statusLine(_ head: [UInt8]) -> StyledLine {
        let text = firstLine(head)
        guard let space = text.firstIndex(of: " ") else { return StyledLine(text) }
        let status = text[space...].drop { $0 == " " }
        return StyledLine([
            .init(String(text[..<space]) + " ", .dim),
            .init(String(status), StatusStyle.role(of: Int(status.prefix(3)))),
        ])
    }

    private static func firstLine(_ head: [UInt8]) -> String {
        let start = head.drop { $0 == 0x0d || $0 == 0x0a }
        let line = start.prefix { $0 != 0x0a }
        return VisibleText.text(line.last == 0x0d ? line.dropLast() : line)
    }

    private static func fields(_ head: [UInt8], before: [UInt8]?) -> [StyledLine] {
        let fields = HTTPHeaderFields(ofHead: ByteBuffer(bytes: head))
        guard let before else { return fields.map(line) }
        // The n-th field of a name is compared with the n-th field of that name in the other head.
        var old: [String: [String]] = [:]
        for field in HTTPHeaderFields(ofHead: ByteBuffer(bytes: before)) {
            old[field.nameText.lowercased(), default: []].append(field.valueText)
        }
        var lines: [StyledLine] = fields.map { field in
            var line = line(field)
            let name = field.nameText.lowercased()
            guard var values = old[name], !values.isEmpty else {
                line.pad(to: remarkColumn)
                line.add("(added)", .dim)
                return line
            }
            let was = values.removeFirst()
            old[name] = values
            if was != field.valueText {
                line.pad(to: remarkColumn)
                line.add("(was \(VisibleText.text(was)))", .dim)
            }
            return line
        }
        for field in HTTPHeaderFields(ofHead: ByteBuffer(bytes: before)) {
            let name = field.nameText.lowercased()
            guard var values = old[name], !values.isEmpty, values[0] == field.valueText else { continue }
            values.removeFirst()
            old[name] = values
            var line = StyledLine("\(VisibleText.text(field.nameText)): \(VisibleText.text(field.valueText))", .dim)
            line.pad(to: remarkColumn)
            line.add("(not sent on)", .dim)
            lines.append(line)
        }
        return lines
    }

    private static func line(_ field: HTTPHeaderFields.Field) -> StyledLine {
        StyledLine([
            .init(VisibleText.text(field.nameText) + ":", .fieldName),
            .init(" " + VisibleText.text(field.valueText), .fieldValue),
        ])
    }
}
