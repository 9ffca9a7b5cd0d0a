/// JSON written piece by piece (RFC 8259).
struct JSONText {
    private(set) var bytes: [UInt8] = []
    /// The next member or element is the first of its object or array.
    private var isFirst = true

    mutating func object(_ name: String? = nil, _ body: (inout JSONText) -> Void) {
        enclose(name, "{", "}", body)
    }

    mutating func array(_ name: String? = nil, _ body: (inout JSONText) -> Void) {
        enclose(name, "[", "]", body)
    }

    mutating func add(_ name: String, _ text: String) {
        begin(name)
        write(text)
    }

    mutating func add(_ name: String, _ number: Int) {
        begin(name)
        bytes += String(number).utf8
    }

    mutating func add(_ name: String, _ bool: Bool) {
        begin(name)
        bytes += (bool ? "true" : "false").utf8
    }

    /// A number with three decimals: thousandths as `12.345`.
    mutating func add(_ name: String, thousandths: Int64) {
        begin(name)
        let digits = String(abs(thousandths) % 1000)
        bytes += "\(thousandths < 0 ? "-" : "")\(abs(thousandths) / 1000).".utf8
        bytes += (String(repeating: "0", count: 3 - digits.count) + digits).utf8
    }

    private mutating func enclose(
        _ name: String?,
        _ open: StaticString,
        _ close: StaticString,
        _ body: (inout JSONText) -> Void
    ) {
        begin(name)
        bytes += String(describing: open).utf8
        isFirst = true
        body(&self)
        bytes += String(describing: close).utf8
        isFirst = false
    }

    private mutating func begin(_ name: String?) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        guard let name else { return }
        write(name)
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func write(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0x0a: bytes += "\\n".utf8
            case 0x0d: bytes += "\\r".utf8
            case 0x09: bytes += "\\t".utf8
            case 0..<0x20, 0x7f: bytes += ("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16)).utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
