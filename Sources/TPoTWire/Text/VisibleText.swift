/// Text from the network, made fit for a terminal: nothing in it can move the cursor, hide, or turn round the line.
///
/// A control is written as `\x1b`, a byte that is not UTF-8 as `\xff`, a format or invisible character as `\u{202e}`.
package enum VisibleText {
    /// For a screen: blanks and backslashes stay as they are, a tab becomes four blanks.
    /// - Parameter limit: characters of the result; a longer text ends with `…`.
    package static func text(_ bytes: some Collection<UInt8>, limit: Int = .max) -> String {
        if bytes.count <= limit, bytes.allSatisfy({ 0x20...0x7e ~= $0 }) {
            return String(decoding: bytes, as: UTF8.self)
        }
        var result = String.UnicodeScalarView()
        var count = 0
        var before: Unicode.Scalar?
        for piece in ScalarPieces(bytes) {
            // The longest piece is written as \u{10ffff}; counting the pieces is near enough for a limit.
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

    /// The same for a text that may hold what came from the network.
    package static func text(_ string: String, limit: Int = .max) -> String {
        text(string.utf8, limit: limit)
    }

    /// One field of a line that scripts read: appends `bytes` without any blank, and `\` itself as `\\`.
    ///
    /// After `limit` bytes of output it ends with `…`.
    package static func append(_ bytes: [UInt8], to line: inout [UInt8], limit: Int) {
        // What almost every path is. Going through it character by character would be most of what a line costs.
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

    /// A message that may hold text from the network, in one line; blanks stay.
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

    /// The text of bytes for JSON: bytes that are not UTF-8 become `%FF`, as a careful client would have sent them.
    /// - Parameter limit: characters and bytes that are taken over; more end with `…`.
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

    /// False for controls, format characters (direction marks among them), line separators, what is drawn as nothing,
    /// and what is no character.
    package static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return 0x20...0x7e ~= scalar.value }
        if scalar.properties.isDefaultIgnorableCodePoint { return false }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: return false
        default: return true
        }
    }

    /// Joiners and variation selectors that only choose how an emoji is drawn: terminals disagree about them, so they
    /// are left out.
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
