/// Text from the network, made fit for a terminal: nothing in it can move the cursor, hide, or turn round the line.
enum VisibleText {
    /// Appends `text` with everything that is not a visible character written out: a control as `\x1b`, a byte that is
    /// not UTF-8 as `\xff`, a blank as `\x20`, a format character as `\u{202e}`, and `\` itself as `\\`.
    ///
    /// After `limit` bytes of output it ends with `…`.
    static func append(_ text: some Sequence<UInt8>, to line: inout [UInt8], limit: Int) {
        let start = line.count
        for piece in Pieces(text) {
            let length = line.count
            switch piece {
            case .scalar("\\"): line += [UInt8(ascii: "\\"), UInt8(ascii: "\\")]
            case .scalar(let scalar) where scalar.isASCII:
                let byte = UInt8(scalar.value)
                if (0x21...0x7e).contains(byte) { line.append(byte) } else { appendEscape(byte, to: &line) }
            case .scalar(let scalar) where isHarmless(scalar) && !scalar.properties.isWhitespace:
                line += Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            case .scalar(let scalar): line += Array("\\u{\(String(scalar.value, radix: 16))}".utf8)
            case .invalid(let byte): appendEscape(byte, to: &line)
            }
            if line.count - start > limit {
                line.removeSubrange(length...)
                line += Array("…".utf8)
                return
            }
        }
    }

    /// A message that may hold text from the network, in one line and fit for a terminal; blanks stay.
    static func line(_ text: String, limit: Int = 512) -> String {
        var line: [UInt8] = []
        let words = text.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        for (index, word) in words.enumerated() {
            if index > 0 { line.append(UInt8(ascii: " ")) }
            append(word, to: &line, limit: limit - line.count)
            if line.count >= limit { break }
        }
        return String(decoding: line, as: UTF8.self)
    }

    /// The text of bytes for JSON: bytes that are not UTF-8 become `%FF`, as a careful client would have sent them.
    static func jsonText(_ text: some Sequence<UInt8>, limit: Int) -> String {
        var result = String.UnicodeScalarView()
        var count = 0
        for piece in Pieces(text) {
            count += 1
            guard count <= limit else {
                result.append("…")
                break
            }
            switch piece {
            case .scalar(let scalar): result.append(scalar)
            case .invalid(let byte):
                result.append(contentsOf: "%\(String(byte, radix: 16, uppercase: true))".unicodeScalars)
            }
        }
        return String(result)
    }

    /// False for controls, format characters (direction marks among them), line separators, what is drawn as nothing,
    /// and what is no character.
    static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (0x20...0x7e).contains(scalar.value) }
        if scalar.properties.isDefaultIgnorableCodePoint { return false }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: return false
        default: return true
        }
    }

    private static func appendEscape(_ byte: UInt8, to line: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        line += [UInt8(ascii: "\\"), UInt8(ascii: "x"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }

    private enum Piece {
        case scalar(Unicode.Scalar)
        case invalid(UInt8)
    }

    /// Bytes as characters, and the bytes that are none.
    private struct Pieces<Bytes: Sequence<UInt8>>: Sequence, IteratorProtocol {
        private var bytes: Bytes.Iterator
        private var ahead: [UInt8] = []

        init(_ bytes: Bytes) {
            self.bytes = bytes.makeIterator()
        }

        mutating func next() -> Piece? {
            while ahead.count < 4, let byte = bytes.next() { ahead.append(byte) }
            guard let first = ahead.first else { return nil }
            if first < 0x80 {
                ahead.removeFirst()
                return .scalar(Unicode.Scalar(first))
            }
            var decoder = UTF8()
            var iterator = ahead.makeIterator()
            if case .scalarValue(let scalar) = decoder.decode(&iterator) {
                ahead.removeFirst(UTF8.width(scalar))
                return .scalar(scalar)
            }
            ahead.removeFirst()
            return .invalid(first)
        }
    }
}
