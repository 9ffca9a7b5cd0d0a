import TPoTSystem

/// Reads `.env` files as the dotenv packages do.
///
///     # comment
///     export DOMAIN=tpot.example.com   # a comment needs a space before it
///     AUTH_KEY='single quotes: no escapes'
///     GREETING="double quotes: \n, \" and line breaks"
///
/// If a name is assigned twice, the last assignment wins.
/// A line that is not an assignment is an error and is not skipped, because it may have been meant to set a key.
enum DotEnv {
    static func parse(_ text: String) throws(FileError) -> [String: String] {
        var reader = Reader(bytes: Array(text.utf8))
        var variables: [String: String] = [:]
        while true {
            reader.skip { Reader.isBlank($0) || Reader.isLineBreak($0) }
            guard let first = reader.peek else { return variables }
            if first == UInt8(ascii: "#") {
                reader.skip { !Reader.isLineBreak($0) }
                continue
            }
            let start = reader
            guard let name = reader.name(), let value = reader.value(), reader.endLine() else {
                let advice = "correct it, or begin it with # to make it a comment"
                throw FileError("line \(start.line) is not NAME=value; \(advice)")
            }
            variables[name] = value
        }
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        init(bytes: [UInt8]) {
            self.bytes = bytes
            if bytes.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
        }

        /// The number of the current line, from 1.
        var line: Int { 1 + bytes[..<position].count { $0 == UInt8(ascii: "\n") } }

        var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

        static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        static func isLineBreak(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }

        @discardableResult
        mutating func skip(while condition: (UInt8) -> Bool) -> ArraySlice<UInt8> {
            let start = position
            while let byte = peek, condition(byte) { position += 1 }
            return bytes[start..<position]
        }

        /// Reads a name and the `=` after it. Nil if the line does not begin so.
        mutating func name() -> String? {
            func isNameByte(_ byte: UInt8) -> Bool {
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
            var name = skip(while: isNameByte)
            let blanks = skip(while: Self.isBlank)
            if name.elementsEqual("export".utf8), !blanks.isEmpty, peek != UInt8(ascii: "=") {
                name = skip(while: isNameByte)
                skip(while: Self.isBlank)
            }
            guard !name.isEmpty, peek == UInt8(ascii: "=") else { return nil }
            position += 1
            return String(decoding: name, as: UTF8.self)
        }

        /// Reads a value; nil when a quote is not closed.
        mutating func value() -> String? {
            skip(while: Self.isBlank)
            if let quote = peek, [UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`")].contains(quote) {
                return quotedValue(quote)
            }
            let start = position
            while let byte = peek, !Self.isLineBreak(byte) {
                // A key may contain a #. Only a # after a space begins a comment.
                if byte == UInt8(ascii: "#"), position == start || Self.isBlank(bytes[position - 1]) { break }
                position += 1
            }
            var value = bytes[start..<position]
            while let last = value.last, Self.isBlank(last) { value.removeLast() }
            return String(decoding: value, as: UTF8.self)
        }

        private mutating func quotedValue(_ quote: UInt8) -> String? {
            var value: [UInt8] = []
            position += 1
            while let byte = peek {
                position += 1
                if byte == quote { return String(decoding: value, as: UTF8.self) }
                if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\""), let next = peek {
                    position += 1
                    switch next {
                    case UInt8(ascii: "n"): value.append(UInt8(ascii: "\n"))
                    case UInt8(ascii: "r"): value.append(UInt8(ascii: "\r"))
                    case quote, UInt8(ascii: "\\"): value.append(next)
                    default: value += [byte, next]
                    }
                } else {
                    value.append(byte)
                }
            }
            return nil
        }

        /// Skips to the end of the line; false when anything but a comment is there.
        mutating func endLine() -> Bool {
            skip(while: Self.isBlank)
            if peek == UInt8(ascii: "#") { skip { !Self.isLineBreak($0) } }
            return peek.map(Self.isLineBreak) ?? true
        }
    }
}
