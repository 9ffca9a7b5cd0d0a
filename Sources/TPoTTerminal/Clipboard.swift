/// The escape sequence OSC 52: the terminal puts text into the clipboard of the machine that it runs on.
enum Clipboard {
    /// More would be cut off by some terminals, whose limit is 100,000 bytes for the whole sequence.
    static let mostBytes = 74_994

    /// - Returns: nil if the text is too long.
    static func sequence(for text: String) -> [UInt8]? {
        guard text.utf8.count <= mostBytes else { return nil }
        return Array("\u{1b}]52;c;".utf8) + base64(Array(text.utf8)) + [7]
    }

    static func base64(_ bytes: [UInt8]) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var result: [UInt8] = []
        result.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            var group = UInt32(bytes[start]) << 16
            if count > 1 { group |= UInt32(bytes[start + 1]) << 8 }
            if count > 2 { group |= UInt32(bytes[start + 2]) }
            for place in 0..<4 {
                let index = Int(group >> UInt32(18 - 6 * place)) & 0x3f
                result.append(place <= count ? alphabet[index] : UInt8(ascii: "="))
            }
        }
        return result
    }
}
