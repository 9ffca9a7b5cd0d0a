/// `%XX` escapes. FoundationEssentials can neither encode nor decode them.
package enum PercentEncoding {
    /// Escapes everything but letters, digits and `-._~`, which is right for queries and forms.
    package static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `name=value&…`
    package static func form(_ fields: [(name: String, value: String)]) -> String {
        fields.map { "\($0.name)=\(encode($0.value))" }.joined(separator: "&")
    }

    /// Replaces the escapes. Invalid escapes stay as they are.
    package static func decode(_ text: some StringProtocol) -> String {
        String(decoding: decode(Array(text.utf8)), as: UTF8.self)
    }

    package static func decode(_ bytes: some RandomAccessCollection<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let high = rest.first?.hexValue, let low = rest.dropFirst().first?.hexValue {
                result.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                result.append(byte)
            }
        }
        return result
    }
}
