import TPoTWire

/// Splits one line of JSON into styled tokens. It never fails: everything that it does not know is text.
enum JSONLineStyle {
    static func styled(_ line: ArraySlice<UInt8>) -> BodyLine {
        var spans: [BodyLine.Span] = []
        var offset = line.startIndex
        while offset < line.endIndex {
            let start = offset
            let style = token(line, &offset)
            let text = VisibleText.text(line[start..<offset])
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
