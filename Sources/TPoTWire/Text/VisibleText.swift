/// Makes text from the network safe for a terminal: it cannot move the cursor, hide text or reverse the line.
///
/// A control character is written as `\x1b`, a byte that is not UTF-8 as `\xff`, and a format or invisible character as
/// `\u{202e}`.
package enum VisibleText {
    /// Text for a screen: spaces and backslashes stay as they are, and a tab becomes four spaces.
    /// - Parameter limit: the most characters that are kept. Longer text ends with `…`.
    package static func text(_ bytes: some Collection<UInt8>, limit: Int = .max) -> String {
        if bytes.count <= limit, bytes.allSatisfy({ 0x20...0x7e ~= $0 }) {
            return String(decoding: bytes, as: UTF8.self)
        }
        var result = String.UnicodeScalarView()
        var count = 0
        var before: Unicode.Scalar?
        for piece in ScalarPieces(bytes) {
            // One piece becomes at most ten characters, as in \u{10ffff}. Counting pieces is close enough for a limit.
            guard count < limit else {
                result.append("…")
                break
            }
            count += 1
            switch piece {
            case .scalar("\t"): result.append(contentsOf: "    ".unicodeScalars)
            case .scalar(let scalar) where isHarmless(scalar): result.append(scalar)
            case .scalar(let scalar) where joinsEmoji(scalar, after: before): break
            case .scalar(let scalar): result.append(contentsOf: escape(scalar).unicodeScalars)
            case .invalid(let byte): result.append(contentsOf: escape(byte).unicodeScalars)
            }
            if case .scalar(let scalar) = piece { before = scalar }
        }
        return String(result)
    }

    /// The same for a string that may contain text from the network.
    package static func text(_ string: String, limit: Int = .max) -> String {
        text(string.utf8, limit: limit)
    }

    /// Appends `bytes` as one field of a line that scripts read. White space is escaped, and `\` becomes `\\`.
    ///
    /// A field of more than `limit` bytes ends with `…`.
    package static func append(_ bytes: [UInt8], to line: inout [UInt8], limit: Int) {
        // Almost every path is plain. Decoding each character would be most of the cost of a line.
        if bytes.count <= limit, bytes.allSatisfy({ 0x21...0x7e ~= $0 && $0 != UInt8(ascii: "\\") }) {
            line += bytes
            return
        }
        let start = line.count
        for piece in ScalarPieces(bytes) {
            let length = line.count
            switch piece {
            case .scalar("\\"): line += "\\\\".utf8
            case .scalar(" "): line += "\\x20".utf8
            case .scalar(let scalar) where isHarmless(scalar) && !scalar.properties.isWhitespace:
                line += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
            case .scalar(let scalar): line += escape(scalar).utf8
            case .invalid(let byte): line += escape(byte).utf8
            }
            if line.count - start > limit {
                line.removeSubrange(length...)
                line += "…".utf8
                return
            }
        }
    }

    /// A message in one line that may contain text from the network. Spaces stay.
    package static func line(_ text: String, limit: Int = 512) -> String {
        var line: [UInt8] = []
        let words = text.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        for (index, word) in words.enumerated() {
            if index > 0 { line.append(UInt8(ascii: " ")) }
            append(Array(word), to: &line, limit: limit - line.count)
            if line.count >= limit { break }
        }
        return String(decoding: line, as: UTF8.self)
    }

    /// Bytes as text for JSON. A byte that is not UTF-8 becomes `%FF`, as a careful client would have sent it.
    /// - Parameter limit: the most characters and invalid bytes that are kept. Longer text ends with `…`.
    package static func jsonText(_ bytes: some Collection<UInt8>, limit: Int = .max) -> String {
        var result = String.UnicodeScalarView()
        var count = 0
        for piece in ScalarPieces(bytes) {
            guard count < limit else {
                result.append("…")
                break
            }
            count += 1
            switch piece {
            case .scalar(let scalar): result.append(scalar)
            case .invalid(let byte):
                result.append(contentsOf: "%\(String(byte, radix: 16, uppercase: true))".unicodeScalars)
            }
        }
        return String(result)
    }

    /// False for control characters, format characters such as direction marks, line separators, invisible characters,
    /// and code points that are not characters.
    package static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return 0x20...0x7e ~= scalar.value }
        if scalar.properties.isDefaultIgnorableCodePoint { return false }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: return false
        default: return true
        }
    }

    /// Whether `scalar` is a joiner or variation selector that only affects how an emoji is drawn. Terminals disagree
    /// about these, so they are left out.
    private static func joinsEmoji(_ scalar: Unicode.Scalar, after before: Unicode.Scalar?) -> Bool {
        guard let before, !before.isASCII, scalar.value == 0x200d || scalar.value == 0xfe0f || scalar.value == 0xfe0e
        else { return false }
        return before.properties.isEmoji || before.value == 0xfe0f
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        scalar.isASCII ? escape(UInt8(scalar.value)) : "\\u{\(String(scalar.value, radix: 16))}"
    }

    private static func escape(_ byte: UInt8) -> String {
        "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
}
