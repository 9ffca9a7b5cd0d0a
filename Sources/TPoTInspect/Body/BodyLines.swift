import TPoTWire

/// A line of a body as it is shown, divided into spans that have a style. It is safe for a terminal.
package struct BodyLine: Hashable, Sendable {
    package enum Style: Hashable, Sendable {
        case text
        /// The name of a JSON member, a form field or a header.
        case key
        case string
        case number
        /// `true`, `false`, `null`.
        case keyword
        case punctuation
        /// The offset at the start of a line of a hex dump.
        case offset
        case hex
        /// A remark about the body, not part of it.
        case note
    }

    package struct Span: Hashable, Sendable {
        package var text: String
        package var style: Style

        package init(_ text: String, _ style: Style) {
            self.text = text
            self.style = style
        }
    }

    package var spans: [Span]

    package init(_ spans: [Span]) {
        self.spans = spans
    }

    package init(_ text: String, _ style: Style = .text) {
        spans = [Span(text, style)]
    }

    package var text: String { spans.reduce(into: "") { $0 += $1.text } }
}

/// The lines of a text. Long lines are cut into pieces, because no screen shows a megabyte on one line.
struct LineTable: Sendable {
    /// The most lines.
    static let limit = 1_000_000
    /// The most bytes of a piece.
    static let pieceLength = 1024

    private let bytes: [UInt8]
    private var starts: [UInt32] = []
    /// The text has more lines than ``limit``.
    private(set) var isCut = false

    /// - Parameter bytes: UTF-8, valid or not, of at most 4 GiB.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var start = 0
        while start < bytes.count {
            guard starts.count < Self.limit else {
                isCut = true
                return
            }
            starts.append(UInt32(truncatingIfNeeded: start))
            start = Self.nextStart(bytes, after: start)
        }
    }

    var count: Int { starts.count }

    /// A line without its line end. Empty if there is no line with this index.
    subscript(index: Int) -> ArraySlice<UInt8> {
        guard starts.indices.contains(index) else { return [] }
        let start = Int(starts[index])
        var end = Self.nextStart(bytes, after: start)
        if end > start, bytes[end - 1] == 0x0a { end -= 1 }
        if end > start, bytes[end - 1] == 0x0d { end -= 1 }
        return bytes[start..<end]
    }

    private static func nextStart(_ bytes: [UInt8], after start: Int) -> Int {
        let end = min(bytes.count, start + pieceLength)
        if let lineFeed = bytes[start..<end].firstIndex(of: 0x0a) { return lineFeed + 1 }
        guard end < bytes.count else { return end }
        // The cut must not be inside a character, nor before the line feed that ends the line.
        if bytes[end] == 0x0a { return end + 1 }
        var cut = end
        while cut > end - 4, bytes[cut] & 0xc0 == 0x80 { cut -= 1 }
        return bytes[cut] & 0xc0 == 0x80 ? end : cut
    }
}

/// Splits one line of JSON into styled tokens. It never fails: everything that it does not know is text.
enum JSONLineStyle {
    /// - Parameter decodesEscapes: shows `\u20ac` as `€`. Otherwise the text stays as it is.
    static func styled(_ line: ArraySlice<UInt8>, decodesEscapes: Bool) -> BodyLine {
        var spans: [BodyLine.Span] = []
        var offset = line.startIndex
        while offset < line.endIndex {
            let start = offset
            let style = token(line, &offset)
            let isString = decodesEscapes && (style == .string || style == .key)
            let text = VisibleText.text(isString ? JSONEscapes.decoded(line[start..<offset]) : line[start..<offset])
            if let last = spans.last, last.style == style, style == .text || style == .punctuation {
                spans[spans.count - 1].text += text
            } else {
                spans.append(.init(text, style))
            }
        }
        return BodyLine(spans)
    }

    /// Moves `offset` past one token of at least one byte.
    private static func token(_ line: ArraySlice<UInt8>, _ offset: inout Int) -> BodyLine.Style {
        let first = line[offset]
        switch first {
        case UInt8(ascii: "\""):
            offset += 1
            while offset < line.endIndex, line[offset] != UInt8(ascii: "\"") {
                offset += line[offset] == UInt8(ascii: "\\") ? 2 : 1
            }
            offset = min(offset + 1, line.endIndex)
            let next = line[offset...].first { $0 != 0x20 }
            return next == UInt8(ascii: ":") ? .key : .string
        case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ","),
            UInt8(ascii: ":"):
            offset += 1
            return .punctuation
        case _ where first.isASCIIDigit || first == UInt8(ascii: "-"):
            offset = end(of: line, from: offset) { $0.isASCIIDigit || "+-.eE".utf8.contains($0) }
            return .number
        case 0x61...0x7a:
            offset = end(of: line, from: offset) { 0x61...0x7a ~= $0 }
            return .keyword
        case 0x20:
            offset = end(of: line, from: offset) { $0 == 0x20 }
            return .text
        default:
            offset += 1
            while offset < line.endIndex, line[offset] & 0xc0 == 0x80 { offset += 1 }
            return .text
        }
    }

    private static func end(of line: ArraySlice<UInt8>, from start: Int, while isPart: (UInt8) -> Bool) -> Int {
        line[start...].firstIndex { !isPart($0) } ?? line.endIndex
    }
}

/// Bytes as `hexdump -C` shows them, 16 on a line.
enum HexDump {
    static func count(_ bytes: [UInt8]) -> Int { (bytes.count + 15) / 16 }

    static func line(_ index: Int, of bytes: [UInt8]) -> BodyLine {
        let start = index * 16
        guard index >= 0, start < bytes.count else { return BodyLine([]) }
        let row = bytes[start..<min(start + 16, bytes.count)]
        var hex: [UInt8] = []
        var text: [UInt8] = []
        for place in 0..<16 {
            if place == 8 { hex.append(0x20) }
            if place < row.count {
                let byte = row[start + place]
                hex += [digits[Int(byte >> 4)], digits[Int(byte & 15)], 0x20]
                text.append(0x20...0x7e ~= byte ? byte : UInt8(ascii: "."))
            } else {
                hex += [0x20, 0x20, 0x20]
            }
        }
        let offset = String(start, radix: 16)
        return BodyLine([
            .init(String(repeating: "0", count: max(0, 8 - offset.utf8.count)) + offset + "  ", .offset),
            .init(String(decoding: hex, as: UTF8.self) + " ", .hex),
            .init(String(decoding: text, as: UTF8.self), .text),
        ])
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
