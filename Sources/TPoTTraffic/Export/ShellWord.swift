/// Quotes bytes as one word of bash, zsh or ksh.
enum ShellWord {
    /// Words of these need no quotes.
    private static let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./:=@%+,".utf8)

    /// Single quotes where they do; else `$'…'`, in which every byte but NUL can be written.
    ///
    /// NUL cannot be in an argument at all and must not be in `bytes`.
    static func quote(_ bytes: some Collection<UInt8>) -> [UInt8] {
        if !bytes.isEmpty, bytes.allSatisfy(plain.contains) { return Array(bytes) }
        let isSimple = ScalarPieces(bytes).allSatisfy { piece in
            if case .scalar(let scalar) = piece { return scalar != "'" && VisibleText.isHarmless(scalar) }
            return false
        }
        guard !isSimple else { return [quoteMark] + Array(bytes) + [quoteMark] }
        var word: [UInt8] = [UInt8(ascii: "$"), quoteMark]
        for piece in ScalarPieces(bytes) {
            switch piece {
            case .scalar("\n"): word += "\\n".utf8
            case .scalar("\r"): word += "\\r".utf8
            case .scalar("\t"): word += "\\t".utf8
            case .scalar("'"): word += "\\'".utf8
            case .scalar("\\"): word += "\\\\".utf8
            // An interactive bash would look for it in its history: it takes \' for the end of the quotes.
            case .scalar("!"): word += octal(UInt8(ascii: "!"))
            case .scalar(let scalar) where VisibleText.isHarmless(scalar): word += Array(UTF8.encode(scalar) ?? .init())
            case .scalar(let scalar): for byte in UTF8.encode(scalar) ?? .init() { word += octal(byte) }
            case .invalid(let byte): word += octal(byte)
            }
        }
        return word + [quoteMark]
    }

    private static let quoteMark = UInt8(ascii: "'")

    /// Three digits: what follows cannot be taken for a part of it.
    private static func octal(_ byte: UInt8) -> [UInt8] {
        [UInt8(ascii: "\\"), 0x30 + (byte >> 6), 0x30 + (byte >> 3 & 7), 0x30 + (byte & 7)]
    }
}
