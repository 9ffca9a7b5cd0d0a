import TPoTWire

/// Quotes bytes as one word of any POSIX shell. It does not use `$'…'`, because dash, the `/bin/sh` of many systems,
/// does not have it.
enum ShellWord {
    /// A word of only these characters needs no quotes.
    private static let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./:=@%+,".utf8)

    private enum Segment {
        /// In single quotes. Only a single quote has a meaning there; `!` is safe even in an interactive shell.
        case quoted
        /// `\'`
        case quoteMark
        /// Written with `printf`, because a terminal must not receive it as it is.
        case printed
    }

    /// `bytes` must not contain NUL, which no argument can contain.
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
            // Line ends are not printed: `$(…)` drops them at the end of its output.
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

    /// Always has three digits, so that a digit after it is not taken for part of it.
    private static func octal(_ byte: UInt8) -> [UInt8] {
        [UInt8(ascii: "\\"), 0x30 + (byte >> 6), 0x30 + (byte >> 3 & 7), 0x30 + (byte & 7)]
    }
}
