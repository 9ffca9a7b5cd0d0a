/// Cuts or wraps text to a number of columns.
package enum DisplayText {
    /// The text if it fits, else as much of its beginning as fits and `…`.
    package static func fitted(_ text: String, columns: Int) -> String {
        guard DisplayWidth.columns(text, stoppingAt: max(columns, 0) + 1) > columns else { return text }
        guard columns > 0 else { return "" }
        return text[..<end(of: text[...], columns: columns - 1)] + "…"
    }

    /// Wraps text into lines of at most `columns` columns. A wide character that does not fit moves to the next line.
    /// - Parameter atBlanks: breaks between words if possible and leaves out the blank.
    package static func wrapped(_ text: some StringProtocol, columns: Int, atBlanks: Bool = false) -> [Substring] {
        var rest = Substring(text)
        var lines: [Substring] = []
        while true {
            var end = end(of: rest, columns: max(columns, 2))
            guard end < rest.endIndex else {
                lines.append(rest)
                return lines
            }
            var next = end
            if atBlanks {
                if rest[end] == " " {
                    next = rest.index(after: end)
                } else if let blank = rest[..<end].lastIndex(of: " "), blank > rest.startIndex {
                    end = blank
                    next = rest.index(after: blank)
                }
            }
            lines.append(rest[..<end])
            rest = rest[next...]
        }
    }

    private static func end(of text: Substring, columns: Int) -> Substring.Index {
        var pieces = DisplayPieces(text)
        var used = 0
        var end = pieces.index
        while let piece = pieces.next() {
            used += piece.width
            if used > columns { return end }
            end = pieces.index
        }
        return text.endIndex
    }
}
