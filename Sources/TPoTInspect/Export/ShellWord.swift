import TPoTWire

/// Quotes bytes as one word of any POSIX shell: dash, which is `/bin/sh` of many systems, knows no `$'…'`.
enum ShellWord {
    /// Words of these need no quotes.
    private static let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./:=@%+,".utf8)

    private enum Segment {
        /// In single quotes everything but a single quote is itself, also what an interactive shell looks for: `!`.
        case quoted
        /// `\'`
        case quoteMark
        /// What a terminal must not get, written by `printf`.
        case printed
    }

    /// NUL cannot be in an argument at all and must not be in `bytes`.
    static func quote(_ bytes: some Collection<UInt8>) -> [UInt8] {
        if !bytes.isEmpty, bytes.allSatisfy(plain.contains) { return Array(bytes) }
        var word: [UInt8] = []
        var current: Segment?
        func turn(to next: Segment?) {
            guard next != current else { return }
            switch current {
            case .quoted: word += "'".utf8
            case .printed: word += "')\"".utf8
            case .quoteMark, nil: break
            }
            switch next {
            case .quoted: word += "'".utf8
            case .printed: word += "\"$(printf '".utf8
            case .quoteMark, nil: break
            }
            current = next
        }
        for piece in ScalarPieces(bytes) {
            switch piece {
            case .scalar("'"):
                turn(to: .quoteMark)
                word += "\\'".utf8
            // A line end at the end of what is printed would be lost.
            case .scalar(let scalar) where scalar == "\n" || VisibleText.isHarmless(scalar):
                turn(to: .quoted)
                word += Array(UTF8.encode(scalar) ?? .init())
            case .scalar(let scalar):
                turn(to: .printed)
                for byte in UTF8.encode(scalar) ?? .init() { word += octal(byte) }
            case .invalid(let byte):
                turn(to: .printed)
                word += octal(byte)
            }
        }
        turn(to: nil)
        return word.isEmpty ? Array("''".utf8) : word
    }

    /// Three digits: what follows cannot be taken for a part of it.
    private static func octal(_ byte: UInt8) -> [UInt8] {
        [UInt8(ascii: "\\"), 0x30 + (byte >> 6), 0x30 + (byte >> 3 & 7), 0x30 + (byte & 7)]
    }
}
