/// Characters that can have an effect where text is pasted, for instance in a terminal.
package enum ControlCharacters {
    /// Counts control characters other than tabs and line ends, and characters that reverse the direction of text.
    package static func count(in bytes: some Collection<UInt8>) -> Int {
        var count = 0
        var isAfterReturn = false
        for piece in ScalarPieces(bytes) {
            guard case .scalar(let scalar) = piece else {
                isAfterReturn = false
                continue
            }
            // A CR before an LF is part of a line end, so it does not count.
            if isAfterReturn, scalar == "\n" { count -= 1 }
            isAfterReturn = scalar == "\r"
            if isControl(scalar) { count += 1 }
        }
        return count
    }

    /// `with 3 control characters`; nil for none.
    package static func remark(_ count: Int) -> String? {
        count == 0 ? nil : "with \(count) control character\(count == 1 ? "" : "s")"
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0a: false
        case 0x20...0x7e: false
        case 0x202a...0x202e, 0x2066...0x2069: true
        default: scalar.properties.generalCategory == .control
        }
    }
}
